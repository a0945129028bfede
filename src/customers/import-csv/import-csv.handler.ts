import { CommandHandler, type ICommandHandler } from '@nestjs/cqrs'
import { type Acceptance, AsyncActionScheduler } from '../../async-actions/index.js'
import { ImportCustomersCsvCommand } from './import-csv.command.js'

export const IMPORT_CSV = 'CUSTOMERS.IMPORT_CSV'

@CommandHandler(ImportCustomersCsvCommand)
export class ImportCustomersCsvHandler implements ICommandHandler<ImportCustomersCsvCommand> {
  constructor(private readonly scheduler: AsyncActionScheduler) {}

  execute({ context, payload, key }: ImportCustomersCsvCommand): Promise<Acceptance> {
    return this.scheduler.schedule(context, IMPORT_CSV, payload, key)
  }
}
