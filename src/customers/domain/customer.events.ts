import { type CustomerChanges } from './customer-document.js'

/** A customer that was not there before. */
export interface CustomerUpserted {
  readonly type: 'CustomerUpserted'
  readonly data: { readonly source_id: string | null; readonly attributes: CustomerChanges }
}

/** A known customer changed; holds what is different and nothing else. */
export interface CustomerUpdated {
  readonly type: 'CustomerUpdated'
  readonly data: { readonly changes: CustomerChanges }
}

/** The customer is gone; its stream ends, and its `source_id` may make a new one. */
export interface CustomerDeleted {
  readonly type: 'CustomerDeleted'
  readonly data: Record<string, never>
}

export type CustomerEvent = CustomerUpserted | CustomerUpdated | CustomerDeleted

/** Stored names and their upcasters; all are in their first schema version. */
export const CUSTOMER_EVENT_TYPES = {
  CustomerUpserted: [],
  CustomerUpdated: [],
  CustomerDeleted: [],
} as const
