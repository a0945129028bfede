import { Controller, Delete, HttpCode, Param } from '@nestjs/common'
import { CommandBus } from '@nestjs/cqrs'
import { ApiNoContentResponse, ApiOperation, ApiTags } from '@nestjs/swagger'
import { Client, Scopes } from '../../auth/index.js'
import { ApiErrors } from '../../http/index.js'
import { type RequestContext } from '../../kernel/index.js'
import { ApiCustomerId } from '../show/api-customer-id.js'
import { DeleteCustomerCommand } from './delete-customer.command.js'

@ApiTags('Customers')
@Scopes('api', 'customers')
@Controller('v1/customers')
export class DeleteCustomerController {
  constructor(private readonly commands: CommandBus) {}

  @Delete(':customerId')
  @HttpCode(204)
  @ApiOperation({
    operationId: 'deleteCustomer',
    summary: 'Delete a customer',
    description:
      'The customer is gone from reads and lists; its events stay. A later request with the same `source_id` makes a new customer. To remove the personal data as well, use permanent deletion.',
  })
  @ApiCustomerId()
  @ApiNoContentResponse({ description: 'The customer is deleted.' })
  @ApiErrors(401, 403, 404)
  async delete(@Client() context: RequestContext, @Param('customerId') customerId: string): Promise<void> {
    await this.commands.execute(new DeleteCustomerCommand(context, customerId))
  }
}
