import { Controller, HttpCode, Post, Req } from '@nestjs/common'
import { CommandBus } from '@nestjs/cqrs'
import { ApiBody, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger'
import { type Request } from 'express'
import { Client, Scopes } from '../../auth/index.js'
import { ApiErrors, readJsonObject } from '../../http/index.js'
import { type RequestContext } from '../../kernel/index.js'
import { toBody } from '../show/customer.body.js'
import { CustomerDto } from '../show/customer.dto.js'
import { CreateCustomerCommand } from './create-customer.command.js'
import { CREATE_CUSTOMER_EXAMPLE, CreateCustomerDto } from './create-customer.dto.js'

@ApiTags('Customers')
@Scopes('api', 'customers')
@Controller('v1/customers')
export class CreateCustomerController {
  constructor(private readonly commands: CommandBus) {}

  @Post()
  @HttpCode(200)
  @ApiOperation({
    operationId: 'createCustomer',
    summary: 'Create a customer, or update it when it is there',
    description:
      'A customer with the `id` or the `source_id` is changed, otherwise one is created; the answer is the customer either way. What is absent stays as it is, null clears.',
  })
  @ApiBody({
    type: CreateCustomerDto,
    examples: { customer: { summary: 'A customer', value: CREATE_CUSTOMER_EXAMPLE } },
  })
  @ApiOkResponse({ type: CustomerDto, description: 'The customer.' })
  @ApiErrors(400, 401, 403, 404, 413, 415)
  async create(@Client() context: RequestContext, @Req() request: Request): Promise<Record<string, unknown>> {
    const customer = await readJsonObject(request)
    return toBody(await this.commands.execute(new CreateCustomerCommand(context, customer)))
  }
}
