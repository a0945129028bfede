import { type Decider } from '../../kernel/index.js'
import {
  applyChanges,
  type CustomerChanges,
  type CustomerDocument,
  effectiveChanges,
  EMPTY_DOCUMENT,
} from './customer-document.js'
import { type CustomerEvent } from './customer.events.js'
import { checkMerged } from './metadata.js'

export type Customer = UnknownCustomer | KnownCustomer | DeletedCustomer
export interface UnknownCustomer {
  readonly kind: 'unknown'
}
export interface KnownCustomer {
  readonly kind: 'known'
  readonly sourceId: string | null
  readonly document: CustomerDocument
}
/** For ever: whoever comes with the same `source_id` later is another customer. */
export interface DeletedCustomer {
  readonly kind: 'deleted'
}

/** Create the customer when it is unknown, otherwise change what the changes name. */
export interface UpsertCustomer {
  readonly type: 'UpsertCustomer'
  readonly sourceId: string | null
  readonly changes: CustomerChanges
}

export interface DeleteCustomer {
  readonly type: 'DeleteCustomer'
}

export type CustomerCommand = UpsertCustomer | DeleteCustomer

/** The Customer aggregate. A command that would change nothing yields no event; one it refuses throws a RowRefusal. */
export const customerDecider: Decider<Customer, CustomerCommand, CustomerEvent> = {
  initialState: { kind: 'unknown' },

  decide(command, customer) {
    if (command.type === 'UpsertCustomer') return upsert(command, customer)
    return customer.kind === 'known' ? [{ type: 'CustomerDeleted', data: {} }] : []
  },

  evolve(customer, event) {
    if (event.type === 'CustomerUpserted') {
      const { source_id: sourceId, attributes } = event.data
      return { kind: 'known', sourceId, document: applyChanges(EMPTY_DOCUMENT, attributes) }
    }
    if (customer.kind !== 'known') throw new Error(`A customer is upserted before ${event.type}.`)
    return event.type === 'CustomerDeleted'
      ? { kind: 'deleted' }
      : { ...customer, document: applyChanges(customer.document, event.data.changes) }
  },
}

function upsert({ sourceId, changes }: UpsertCustomer, customer: Customer): CustomerEvent[] {
  if (customer.kind === 'deleted') throw new Error('A deleted customer does not come back.')
  if (customer.kind === 'unknown') {
    const attributes = effectiveChanges(EMPTY_DOCUMENT, changes) ?? {}
    return [{ type: 'CustomerUpserted', data: { source_id: sourceId, attributes } }]
  }
  const effective = effectiveChanges(customer.document, changes)
  if (effective?.metadata && customer.document.metadata)
    checkMerged(customer.document.metadata, effective.metadata)
  return effective === undefined ? [] : [{ type: 'CustomerUpdated', data: { changes: effective } }]
}
