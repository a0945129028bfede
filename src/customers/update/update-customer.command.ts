import { Command } from '@nestjs/cqrs'
import { type JsonObject, type RequestContext } from '../../kernel/index.js'
import { type CustomerView } from '../show/customer.read-model.js'

/** Change a customer that is there; the answer is the customer. */
export class UpdateCustomerCommand extends Command<CustomerView> {
  constructor(
    readonly context: RequestContext,
    readonly idOrSourceId: string,
    readonly changes: JsonObject,
  ) {
    super()
  }
}
