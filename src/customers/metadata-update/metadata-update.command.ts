import { Command } from '@nestjs/cqrs'
import { type Acceptance, type IdempotencyKey, type Payload } from '../../async-actions/index.js'
import { type ClientContext } from '../../kernel/index.js'

/** Give many customers the same metadata; the answer names the asynchronous action that will do it. */
export class UpdateCustomersMetadataCommand extends Command<Acceptance> {
  constructor(
    readonly context: ClientContext,
    readonly payload: Payload,
    readonly key?: IdempotencyKey,
  ) {
    super()
  }
}
