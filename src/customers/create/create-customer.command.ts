import { Command } from '@nestjs/cqrs'
import { type JsonObject, type RequestContext } from '../../kernel/index.js'
import { type CustomerView } from '../show/customer.read-model.js'

/** Create a customer, or change the one that has the `id` or `source_id` already; the answer is the customer. */
export class CreateCustomerCommand extends Command<CustomerView> {
  constructor(
    readonly context: RequestContext,
    readonly customer: JsonObject,
  ) {
    super()
  }
}
