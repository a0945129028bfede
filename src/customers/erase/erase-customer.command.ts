import { Command } from '@nestjs/cqrs'
import { type RequestContext } from '../../kernel/index.js'
import { type PermanentDeletionBody } from './permanent-deletion.js'

/** Delete a customer, by its id or its `source_id`, and forget the person. */
export class EraseCustomerCommand extends Command<PermanentDeletionBody> {
  constructor(
    readonly context: RequestContext,
    readonly idOrSourceId: string,
  ) {
    super()
  }
}
