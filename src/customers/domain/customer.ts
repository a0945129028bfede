import { type Decider } from '../../kernel/index.js'
import {
  applyChanges,
  type CustomerChanges,
  type CustomerDocument,
  effectiveChanges,
  EMPTY_DOCUMENT,
} from './customer-document.js'
import { type CustomerEvent } from './customer.events.js'

export type Customer = UnknownCustomer | KnownCustomer
export interface UnknownCustomer {
  readonly kind: 'unknown'
}
export interface KnownCustomer {
  readonly kind: 'known'
  readonly sourceId: string | null
  readonly document: CustomerDocument
}

/** Create the customer when it is unknown, otherwise change what the changes name. */
export interface UpsertCustomer {
  readonly type: 'UpsertCustomer'
  readonly sourceId: string | null
  readonly changes: CustomerChanges
}

export type CustomerCommand = UpsertCustomer

/** The Customer aggregate. A command that would change nothing yields no event. */
export const customerDecider: Decider<Customer, CustomerCommand, CustomerEvent> = {
  initialState: { kind: 'unknown' },

  decide({ sourceId, changes }, customer) {
    if (customer.kind === 'unknown') {
      const attributes = effectiveChanges(EMPTY_DOCUMENT, changes) ?? {}
      return [{ type: 'CustomerUpserted', data: { source_id: sourceId, attributes } }]
    }
    const effective = effectiveChanges(customer.document, changes)
    return effective === undefined ? [] : [{ type: 'CustomerUpdated', data: { changes: effective } }]
  },

  evolve(customer, event): KnownCustomer {
    switch (event.type) {
      case 'CustomerUpserted': {
        const { source_id: sourceId, attributes } = event.data
        return { kind: 'known', sourceId, document: applyChanges(EMPTY_DOCUMENT, attributes) }
      }
      case 'CustomerUpdated': {
        if (customer.kind === 'unknown') throw new Error('A customer is upserted before it is updated.')
        return { ...customer, document: applyChanges(customer.document, event.data.changes) }
      }
    }
  },
}
