import { CommandHandler, type ICommandHandler } from '@nestjs/cqrs'
import { type Acceptance, AsyncActionScheduler } from '../../async-actions/index.js'
import { BulkUpdateCustomersCommand } from './bulk-update.command.js'

export const BULK_UPDATE = 'CUSTOMERS.BULK_UPDATE'

@CommandHandler(BulkUpdateCustomersCommand)
export class BulkUpdateCustomersHandler implements ICommandHandler<BulkUpdateCustomersCommand> {
  constructor(private readonly scheduler: AsyncActionScheduler) {}

  execute({ context, payload, key }: BulkUpdateCustomersCommand): Promise<Acceptance> {
    return this.scheduler.schedule(context, BULK_UPDATE, payload, key)
  }
}
