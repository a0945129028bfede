import { fold, type Instant, type RowFailure, type RowOutcome } from '../../kernel/index.js'
import { type CustomerRow } from './customer-row.js'
import { type Customer, customerDecider, type DeletedCustomer, type KnownCustomer } from './customer.js'
import { type CustomerEvent } from './customer.events.js'
import { RowRefusal } from './row-refusal.js'

/** A customer as it was read before deciding. */
export interface LoadedCustomer {
  readonly id: string
  readonly version: number
  /** Where its row lies: handed on, so that it need not be looked up once more to be changed. */
  readonly place: number
  /** When its last event happened. */
  readonly changedAt: Instant
  readonly state: KnownCustomer
}

/** The known ones of the customers that rows name, by how the rows name them. */
export interface LoadedCustomers {
  readonly bySourceId: ReadonlyMap<string, LoadedCustomer>
  readonly byId: ReadonlyMap<string, LoadedCustomer>
}

/** A row and when it happens: no two customers of a project are created at the same instant. */
export type TimedRow = CustomerRow & { readonly occurredAt: Instant }

export type TimedEvent = CustomerEvent & { readonly occurredAt: Instant }

/** A customer with the events that were decided; `loadedVersion` 0 means that it is new, and lies nowhere. */
export interface ChangedCustomer {
  readonly id: string
  readonly loadedVersion: number
  readonly place: number
  readonly state: KnownCustomer | DeletedCustomer
  readonly events: readonly TimedEvent[]
}

/** As rows leave it: they create and change, and delete nothing. */
export type UpsertedCustomer = ChangedCustomer & { readonly state: KnownCustomer }

export interface Decisions {
  /** One outcome per row, in the order of the rows. */
  readonly outcomes: RowOutcome[]
  readonly changed: UpsertedCustomer[]
}

/** Applies rows in their order, each to what the rows before it left. */
export function decideRows(
  rows: readonly TimedRow[],
  loaded: LoadedCustomers,
  newId: (createdAt: Instant) => string,
): Decisions {
  const candidates = new Candidates(loaded, newId)
  const outcomes = rows.map((row) => decideRow(row, candidates))
  return { outcomes, changed: candidates.changed() }
}

function decideRow(row: TimedRow, candidates: Candidates): RowOutcome {
  if (row.changes === undefined) return refused(row, candidates.find(row), row.failure)
  const candidate = candidates.find(row) ?? candidates.add(row)
  if (candidate === undefined) return refused(row, undefined, noSuchCustomer(row.customerId ?? ''))
  try {
    return applyChanges(row, row.changes, candidate)
  } catch (refusal) {
    if (refusal instanceof RowRefusal) return refused(row, candidate, refusal.failure)
    throw refusal
  }
}

function applyChanges(
  { sourceId, occurredAt }: TimedRow,
  changes: NonNullable<CustomerRow['changes']>,
  candidate: Candidate,
): RowOutcome {
  const found = candidate.state.kind === 'known'
  const command = { type: 'UpsertCustomer', sourceId: sourceId === '' ? null : sourceId, changes } as const
  const events = customerDecider.decide(command, candidate.state)
  candidate.state = fold(customerDecider, candidate.state, events)
  for (const event of events) candidate.events.push(timed(event, after(candidate, occurredAt)))
  return { sourceId: shownSourceId(sourceId, candidate), found, updated: events.length > 0 }
}

/** Written out for thousands of rows: copying with a spread took a fifth of deciding. */
const timed = ({ type, data }: CustomerEvent, occurredAt: Instant): TimedEvent =>
  ({ type, data, occurredAt }) as TimedEvent

const refused = (
  { sourceId }: CustomerRow,
  candidate: Candidate | undefined,
  failure: RowFailure | undefined,
): RowOutcome => ({
  sourceId: shownSourceId(sourceId, candidate),
  found: candidate?.state.kind === 'known',
  updated: false,
  ...(failure && { failure }),
})

/** A row that names its customer by our id is reported under the customer's `source_id`, if it has one. */
function shownSourceId(sourceId: string, candidate: Candidate | undefined): string {
  if (sourceId !== '' || candidate?.state.kind !== 'known') return sourceId
  return candidate.state.sourceId ?? ''
}

const noSuchCustomer = (id: string): RowFailure => ({
  key: 'not_found',
  message: 'Resource not found',
  details: `Cannot find customer with id ${id}`,
})

/**
 * The time of a candidate's next event: rows and single writes get theirs before they see the customer, which another
 * writer with a later time may have changed first. What is later in a stream happened later.
 */
export const nextInstant = (changedAt: Instant, occurredAt: Instant): Instant =>
  Math.max(occurredAt, changedAt + 1)

function after(candidate: Candidate, occurredAt: Instant): Instant {
  candidate.changedAt = nextInstant(candidate.changedAt, occurredAt)
  return candidate.changedAt
}

/** A customer that a row names, with what the rows so far made of it. */
interface Candidate {
  readonly id: string
  readonly loadedVersion: number
  readonly place: number
  changedAt: Instant
  state: Customer
  readonly events: TimedEvent[]
}

/** The place of a customer that has no row yet. */
const NOWHERE = 0

/** The customers that rows name, each once, however it is named. */
class Candidates {
  private readonly bySourceId = new Map<string, Candidate>()
  private readonly byId = new Map<string, Candidate>()

  constructor(
    private readonly loaded: LoadedCustomers,
    private readonly newId: (createdAt: Instant) => string,
  ) {}

  /** The known customer that a row names: by our id, or else by `source_id`. */
  find({ customerId, sourceId }: CustomerRow): Candidate | undefined {
    const named = customerId === undefined ? undefined : this.known(this.loaded.byId.get(customerId))
    return named ?? this.bySourceId.get(sourceId) ?? this.known(this.loaded.bySourceId.get(sourceId))
  }

  /** A new customer for a row that names none that is known; undefined when it has nothing but an id of ours. */
  add({ customerId, sourceId, occurredAt }: TimedRow): Candidate | undefined {
    if (customerId !== undefined && sourceId === '') return undefined
    return this.remember(sourceId, this.newId(occurredAt), 0, NOWHERE, 0, customerDecider.initialState)
  }

  changed(): UpsertedCustomer[] {
    return [...this.byId.values()].filter(({ events }) => events.length > 0) as UpsertedCustomer[]
  }

  private known(customer: LoadedCustomer | undefined): Candidate | undefined {
    if (customer === undefined) return undefined
    const { id, version, place, changedAt, state } = customer
    return this.byId.get(id) ?? this.remember(state.sourceId ?? '', id, version, place, changedAt, state)
  }

  /**
   * Made here for all, of arguments: from a literal with zeros in it for those that are new V8 makes objects of another
   * shape, and a request of 111,669 changed customers took the worker 0.79 s of CPU instead of 0.66 s.
   */
  private remember(
    sourceId: string,
    id: string,
    loadedVersion: number,
    place: number,
    changedAt: Instant,
    state: Customer,
  ): Candidate {
    const candidate = { id, loadedVersion, place, changedAt, state, events: [] }
    this.byId.set(id, candidate)
    if (sourceId !== '') this.bySourceId.set(sourceId, candidate)
    return candidate
  }
}
