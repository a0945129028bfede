import { Command } from '@nestjs/cqrs'
import { type Payload } from '../../async-actions/index.js'
import { type RequestContext } from '../../kernel/index.js'

/** Give many customers the same metadata; the answer is the id of the asynchronous action that will do it. */
export class UpdateCustomersMetadataCommand extends Command<string> {
  constructor(
    readonly context: RequestContext,
    readonly payload: Payload,
  ) {
    super()
  }
}
