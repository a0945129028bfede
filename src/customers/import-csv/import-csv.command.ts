import { Command } from '@nestjs/cqrs'
import { type Acceptance, type IdempotencyKey, type Payload } from '../../async-actions/index.js'
import { type ClientContext } from '../../kernel/index.js'

/** Update or create the customers of a CSV file; the answer names the asynchronous action that will do it. */
export class ImportCustomersCsvCommand extends Command<Acceptance> {
  constructor(
    readonly context: ClientContext,
    readonly payload: Payload,
    readonly key?: IdempotencyKey,
  ) {
    super()
  }
}
