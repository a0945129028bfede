import { Controller, HttpCode, Param, Post } from '@nestjs/common'
import { CommandBus } from '@nestjs/cqrs'
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger'
import { Client, Scopes } from '../../auth/index.js'
import { ApiErrors } from '../../http/index.js'
import { type ClientContext } from '../../kernel/index.js'
import { ApiCustomerId } from '../show/api-customer-id.js'
import { EraseCustomerCommand } from './erase-customer.command.js'
import { PermanentDeletionDto } from './permanent-deletion.dto.js'
import { type PermanentDeletionBody } from './permanent-deletion.js'

@ApiTags('Customers')
@Scopes('api', 'customers')
@Controller('v1/customers')
export class EraseCustomerController {
  constructor(private readonly commands: CommandBus) {}

  @Post(':customerId/permanent-deletion')
  @HttpCode(200)
  @ApiOperation({
    operationId: 'deleteCustomerPermanently',
    summary: 'Delete a customer and forget the person',
    description:
      'Deletes the customer and takes the person’s data out of everything that is kept: the customer’s history, earlier customers with the same `source_id` that were deleted, rows of requests that still wait (they fail with the key `customer_erased`), and reports. All of it, or nothing. Works for a customer that was deleted before, too; 404 once the person is forgotten. It cannot be undone. A later request that names the `source_id` makes a new customer.',
  })
  @ApiCustomerId()
  @ApiOkResponse({ type: PermanentDeletionDto, description: 'The person is forgotten.' })
  @ApiErrors(401, 403, 404)
  erase(
    @Client() context: ClientContext,
    @Param('customerId') customerId: string,
  ): Promise<PermanentDeletionBody> {
    return this.commands.execute(new EraseCustomerCommand(context, customerId))
  }
}
