import { CommandHandler, type ICommandHandler } from '@nestjs/cqrs'
import { type Acceptance, AsyncActionScheduler } from '../../async-actions/index.js'
import { UpdateCustomersMetadataCommand } from './metadata-update.command.js'

export const METADATA_UPDATE = 'CUSTOMERS.METADATA_UPDATE'

@CommandHandler(UpdateCustomersMetadataCommand)
export class UpdateCustomersMetadataHandler implements ICommandHandler<UpdateCustomersMetadataCommand> {
  constructor(private readonly scheduler: AsyncActionScheduler) {}

  execute({ context, payload, key }: UpdateCustomersMetadataCommand): Promise<Acceptance> {
    return this.scheduler.schedule(context, METADATA_UPDATE, payload, key)
  }
}
