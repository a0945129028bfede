import { Command } from '@nestjs/cqrs'
import { type ClientContext } from '../../kernel/index.js'
import { type PermanentDeletionBody } from './permanent-deletion.js'

/** Delete a customer, by its id or its `source_id`, and forget the person. */
export class EraseCustomerCommand extends Command<PermanentDeletionBody> {
  constructor(
    readonly context: ClientContext,
    readonly idOrSourceId: string,
  ) {
    super()
  }
}
