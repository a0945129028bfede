import { Command } from '@nestjs/cqrs'
import { type RequestContext } from '../../kernel/index.js'

/** Delete a customer; what happened to it so far stays in the event log. */
export class DeleteCustomerCommand extends Command<void> {
  constructor(
    readonly context: RequestContext,
    readonly idOrSourceId: string,
  ) {
    super()
  }
}
