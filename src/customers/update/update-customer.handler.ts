import { CommandHandler, type ICommandHandler } from '@nestjs/cqrs'
import { Settings } from '../../config/index.js'
import { readChanges } from '../domain/customer-row.js'
import { readOrRefuse } from '../rows/refused-request.js'
import { type CustomerView, idOfCustomer } from '../show/customer.read-model.js'
import { CustomerWriter } from '../store/customer.writer.js'
import { UpdateCustomerCommand } from './update-customer.command.js'

@CommandHandler(UpdateCustomerCommand)
export class UpdateCustomerHandler implements ICommandHandler<UpdateCustomerCommand> {
  constructor(
    private readonly writer: CustomerWriter,
    private readonly settings: Settings,
  ) {}

  execute({ context, idOrSourceId, changes: wanted }: UpdateCustomerCommand): Promise<CustomerView> {
    const changes = readOrRefuse(() => readChanges(wanted, this.settings.maxStringLength))
    return this.writer.upsert(context, async (session) => ({
      customerId: await idOfCustomer(session, context.projectId, idOrSourceId),
      sourceId: '',
      changes,
    }))
  }
}
