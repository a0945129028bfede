import { fold, type Instant } from '../../kernel/index.js'
import { type CustomerRow } from './customer-row.js'
import { type Customer, customerDecider, type KnownCustomer } from './customer.js'
import { type CustomerEvent } from './customer.events.js'
import { type RowFailure } from './row-refusal.js'

/** A customer as it was read before deciding. */
export interface LoadedCustomer {
  readonly id: string
  readonly version: number
  readonly state: KnownCustomer
}

export type TimedEvent = CustomerEvent & { readonly occurredAt: Instant }

/** A customer with the events that were decided; `loadedVersion` 0 means that it is new. */
export interface ChangedCustomer {
  readonly id: string
  readonly loadedVersion: number
  readonly state: KnownCustomer
  readonly events: readonly TimedEvent[]
}

/** What became of one row. */
export interface RowOutcome {
  readonly sourceId: string
  /** The customer existed before this row. */
  readonly found: boolean
  /** This row had an effect. */
  readonly updated: boolean
  readonly failure?: RowFailure
}

export interface Decisions {
  /** One outcome per row, in the order of the rows. */
  readonly outcomes: RowOutcome[]
  readonly changed: ChangedCustomer[]
}

interface Candidate {
  readonly id: string
  readonly loadedVersion: number
  state: Customer
  readonly events: TimedEvent[]
}

/**
 * Applies rows in their order, each to what the rows before it left. The `n`th row happens `n` microseconds
 * after `start`, so that no two customers are created at the same instant.
 */
export function decideRows(
  rows: readonly CustomerRow[],
  loaded: ReadonlyMap<string, LoadedCustomer>,
  start: Instant,
  newId: () => string,
): Decisions {
  const candidates = new Map<string, Candidate>()
  const candidateOf = (sourceId: string): Candidate => {
    const candidate = candidates.get(sourceId) ?? toCandidate(loaded.get(sourceId), newId)
    candidates.set(sourceId, candidate)
    return candidate
  }
  const outcomes = rows.map((row, index) =>
    row.changes === undefined
      ? refused(row, candidates.get(row.sourceId)?.state ?? loaded.get(row.sourceId)?.state)
      : applyRow(row, row.changes, candidateOf(row.sourceId), start + index),
  )
  const changed = [...candidates.values()].filter(({ events }) => events.length > 0)
  return { outcomes, changed: changed as ChangedCustomer[] }
}

function applyRow(
  { sourceId }: CustomerRow,
  changes: NonNullable<CustomerRow['changes']>,
  candidate: Candidate,
  occurredAt: Instant,
): RowOutcome {
  const found = candidate.state.kind === 'known'
  const events = customerDecider.decide({ type: 'UpsertCustomer', sourceId, changes }, candidate.state)
  candidate.state = fold(customerDecider, candidate.state, events)
  for (const event of events) candidate.events.push({ ...event, occurredAt })
  return { sourceId, found, updated: events.length > 0 }
}

const refused = ({ sourceId, failure }: CustomerRow, state: Customer | undefined): RowOutcome => ({
  sourceId,
  found: state?.kind === 'known',
  updated: false,
  ...(failure && { failure }),
})

const toCandidate = (customer: LoadedCustomer | undefined, newId: () => string): Candidate => ({
  id: customer?.id ?? newId(),
  loadedVersion: customer?.version ?? 0,
  state: customer?.state ?? customerDecider.initialState,
  events: [],
})
