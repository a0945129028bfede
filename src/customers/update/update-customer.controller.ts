import { Controller, Param, Put, Req } from '@nestjs/common'
import { CommandBus } from '@nestjs/cqrs'
import { ApiBody, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger'
import { type Request } from 'express'
import { Client, Scopes } from '../../auth/index.js'
import { ApiErrors, readJsonObject } from '../../http/index.js'
import { type RequestContext } from '../../kernel/index.js'
import { ApiCustomerId } from '../show/api-customer-id.js'
import { CustomerAttributesDto } from '../show/customer-attributes.dto.js'
import { toBody } from '../show/customer.body.js'
import { CustomerDto } from '../show/customer.dto.js'
import { UpdateCustomerCommand } from './update-customer.command.js'

@ApiTags('Customers')
@Scopes('api', 'customers')
@Controller('v1/customers')
export class UpdateCustomerController {
  constructor(private readonly commands: CommandBus) {}

  @Put(':customerId')
  @ApiOperation({
    operationId: 'updateCustomer',
    summary: 'Update a customer',
    description:
      'What is absent stays as it is, null clears; `address` and `metadata` are merged key by key. A `source_id` or `id` in the body is ignored: neither ever changes.',
  })
  @ApiCustomerId()
  @ApiBody({
    type: CustomerAttributesDto,
    examples: { name: { summary: 'Another name', value: { name: 'Bob Jones', metadata: { test: null } } } },
  })
  @ApiOkResponse({ type: CustomerDto, description: 'The customer as it is now.' })
  @ApiErrors(400, 401, 403, 404, 413, 415)
  async update(
    @Client() context: RequestContext,
    @Param('customerId') customerId: string,
    @Req() request: Request,
  ): Promise<Record<string, unknown>> {
    const changes = await readJsonObject(request)
    return toBody(await this.commands.execute(new UpdateCustomerCommand(context, customerId, changes)))
  }
}
