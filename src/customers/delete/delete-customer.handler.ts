import { CommandHandler, type ICommandHandler } from '@nestjs/cqrs'
import { idOfCustomer } from '../show/customer.read-model.js'
import { CustomerWriter } from '../store/customer.writer.js'
import { DeleteCustomerCommand } from './delete-customer.command.js'

@CommandHandler(DeleteCustomerCommand)
export class DeleteCustomerHandler implements ICommandHandler<DeleteCustomerCommand> {
  constructor(private readonly writer: CustomerWriter) {}

  async execute({ context, idOrSourceId }: DeleteCustomerCommand): Promise<void> {
    const { projectId } = context
    await this.writer.delete(
      context,
      (session) => idOfCustomer(session, projectId, idOrSourceId),
      () => Promise.resolve(),
    )
  }
}
