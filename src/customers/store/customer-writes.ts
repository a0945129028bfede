import {
  int4Array,
  isUniqueViolation,
  type Session,
  textArray,
  timestamptzArray,
  together,
} from '../../database/index.js'
import {
  type EventContext,
  EventKeys,
  type EventStore,
  insertFirstEvents,
  keysSql,
  type Pending,
  type StreamAppend,
  VersionConflictError,
} from '../../event-store/index.js'
import { type CustomerDocument } from '../domain/customer-document.js'
import { type ChangedCustomer, type TimedEvent } from '../domain/decide-rows.js'
import { type KnownCustomer } from '../domain/customer.js'
import { searchKeys } from './search-keys.js'

/** A customer that stays. */
type WrittenCustomer = ChangedCustomer & { readonly state: KnownCustomer }

/**
 * New customers with one event each, as nearly all new ones are. The event's attributes are the very document: written
 * out, sent and read once for both tables.
 */
const CREATE = `
  WITH created AS MATERIALIZED (
    SELECT * FROM unnest($6::text[], $7::text[], $8::timestamptz[], $9::text[], $11::int4[], $12::int4[])
      AS c (id, source_id, created_at, document, first_key, last_key)
  ), appended AS (
    ${insertFirstEvents(`(
      SELECT id AS stream_id, created_at AS occurred_at, ${keysSql('$10', 'first_key', 'last_key')} AS keys,
        '{"source_id":' || coalesce(to_json(source_id)::text, 'null') || ',"attributes":' || document || '}' AS data
      FROM created) AS first`)}
  )
  INSERT INTO customers (project_id, id, source_id, version, created_at, document)
  SELECT $1, id, source_id, 1, created_at, document FROM created`

const INSERT = `
  INSERT INTO customers (project_id, id, source_id, version, created_at, updated_at, document)
  SELECT $1, c.* FROM unnest($2::text[], $3::text[], $4::int4[], $5::timestamptz[], $6::timestamptz[], $7::text[]) AS c`

/**
 * Looks up key by key, as loading does. The version is checked on the row itself, which may have been written meanwhile.
 * Naming the project once more at the end made PostgreSQL read all of its customers for each row, when the statistics
 * were older than the project: over 25 s instead of 18 ms for 2,500 rows.
 * OFFSET 0 has the places looked up first: left to choose, PostgreSQL joined by the version alone, which is 1 in most
 * rows, as long as its statistics were those of an empty table; 2,500 of 6,000 customers then took minutes.
 */
const UPDATE = `
  UPDATE customers SET version = next.version, updated_at = next.updated_at, document = next.document
  FROM (
    SELECT c.*, customer.place FROM unnest($2::text[], $3::int4[], $4::int4[], $5::timestamptz[], $6::text[])
      AS c (id, loaded_version, version, updated_at, document)
    CROSS JOIN LATERAL (
      SELECT ctid AS place FROM customers WHERE project_id = $1 AND id = c.id LIMIT 1) customer
    OFFSET 0) next
  WHERE customers.ctid = next.place AND customers.version = next.loaded_version`

/** Where the past of a deleted customer lies is kept, because nobody finds it in the log by a `source_id`. */
const DELETE = `
  WITH deleted AS (
    DELETE FROM customers USING unnest($2::text[], $3::int4[]) AS gone (id, version)
    WHERE customers.project_id = $1 AND customers.id = gone.id AND customers.version = gone.version
    RETURNING customers.id, customers.source_id)
  INSERT INTO deleted_customers (project_id, customer_id, source_id) SELECT $1, id, source_id FROM deleted`

const ADD_TO_TOTAL = `
  INSERT INTO customer_counters AS counter (project_id, customers) VALUES ($1, $2)
  ON CONFLICT (project_id) DO UPDATE SET customers = counter.customers + excluded.customers`

/**
 * Everything that is to be sent for changed customers. It is written out when this is made, so that nothing but bytes
 * is held while PostgreSQL works: objects that wait are copied by each garbage collection.
 */
export class CustomerWrites {
  private readonly statements: Pending[]
  private readonly balance: number

  constructor(
    events: EventStore,
    private readonly context: EventContext,
    customers: readonly ChangedCustomer[],
  ) {
    const { begun, created, updated, deleted } = sorted(customers)
    this.statements = statementsFor(events, context, { begun, created, updated, deleted })
    this.balance = begun.length + created.length - deleted.length
  }

  /** Throws a {@link VersionConflictError} when a customer was written by someone else after it was loaded. */
  async send(session: Session): Promise<void> {
    await together(...this.statements.map((statement) => statement(session)))
  }

  /** Keeps the project's total: last of all, because its writers wait for each other there. */
  async addToTotal(session: Session): Promise<void> {
    if (this.balance !== 0) await session.execute(ADD_TO_TOTAL, [this.context.projectId, this.balance])
  }
}

/** Changed customers by how they are written. */
interface Sorted {
  /** New, with one event. */
  readonly begun: WrittenCustomer[]
  /** New, with more. */
  readonly created: WrittenCustomer[]
  readonly updated: WrittenCustomer[]
  readonly deleted: ChangedCustomer[]
}

function statementsFor(
  events: EventStore,
  context: EventContext,
  { begun, created, updated, deleted }: Sorted,
): Pending[] {
  const { projectId } = context
  const appends = [...created, ...updated, ...deleted].map(toAppend)
  const statements: Pending[] = []
  if (begun.length > 0) statements.push(begin(events, context, begun))
  if (created.length > 0) statements.push(insert(projectId, created))
  if (updated.length > 0) statements.push(update(projectId, updated))
  if (deleted.length > 0) statements.push(remove(projectId, deleted))
  if (appends.length > 0)
    statements.push(events.appending(context, appends, (event) => keysOf(projectId, event)))
  return statements
}

const isNew = ({ loadedVersion }: ChangedCustomer): boolean => loadedVersion === 0

const stays = (customer: ChangedCustomer): customer is WrittenCustomer => customer.state.kind === 'known'

function sorted(customers: readonly ChangedCustomer[]): Sorted {
  const parts: Sorted = { begun: [], created: [], updated: [], deleted: [] }
  for (const customer of customers) {
    if (!stays(customer)) parts.deleted.push(customer)
    else if (!isNew(customer)) parts.updated.push(customer)
    else if (customer.events.length === 1) parts.begun.push(customer)
    else parts.created.push(customer)
  }
  return parts
}

function begin(events: EventStore, context: EventContext, begun: readonly WrittenCustomer[]): Pending {
  const keys = new EventKeys()
  for (const { state } of begun) keys.add(searchKeys(context.projectId, state.document))
  const parameters = [
    textArray(begun.map(({ id }) => id)),
    textArray(begun.map(({ state }) => state.sourceId)),
    timestamptzArray(begun.map(createdAt)),
    textArray(begun.map(toStored)),
    ...keys.toParameters(),
  ]
  const streams = { type: 'CustomerUpserted', statement: CREATE, parameters }
  return (session) => events.begin(session, context, streams)
}

function insert(projectId: string, created: readonly WrittenCustomer[]): Pending {
  const parameters = [
    projectId,
    textArray(created.map(({ id }) => id)),
    textArray(created.map(({ state }) => state.sourceId)),
    int4Array(created.map(versionOf)),
    timestamptzArray(created.map(createdAt)),
    timestamptzArray(created.map(changedAt)),
    textArray(created.map(toStored)),
  ]
  return async (session) => {
    try {
      await session.execute(INSERT, parameters)
    } catch (error) {
      throw isUniqueViolation(error)
        ? new VersionConflictError('A customer was created by someone else.')
        : error
    }
  }
}

function update(projectId: string, updated: readonly WrittenCustomer[]): Pending {
  const count = updated.length
  const parameters = [
    projectId,
    textArray(updated.map(({ id }) => id)),
    int4Array(updated.map(({ loadedVersion }) => loadedVersion)),
    int4Array(updated.map(versionOf)),
    timestamptzArray(updated.map(changedAt)),
    textArray(updated.map(toStored)),
  ]
  return async (session) => {
    if ((await session.execute(UPDATE, parameters)) !== count) throw changedMeanwhile()
  }
}

function remove(projectId: string, deleted: readonly ChangedCustomer[]): Pending {
  const count = deleted.length
  const parameters = [
    projectId,
    textArray(deleted.map(({ id }) => id)),
    int4Array(deleted.map(({ loadedVersion }) => loadedVersion)),
  ]
  return async (session) => {
    if ((await session.execute(DELETE, parameters)) !== count) throw changedMeanwhile()
  }
}

const changedMeanwhile = (): Error => new VersionConflictError('A customer was changed by someone else.')

const toAppend = ({ id, loadedVersion, events }: ChangedCustomer): StreamAppend<TimedEvent> => ({
  streamId: id,
  expectedVersion: loadedVersion,
  events,
})

function keysOf(projectId: string, { type, data }: TimedEvent): (number | undefined)[] {
  switch (type) {
    case 'CustomerUpserted':
      return searchKeys(projectId, data.attributes)
    case 'CustomerUpdated':
      return searchKeys(projectId, data.changes)
    case 'CustomerDeleted':
      return []
  }
}

/** A document as it is stored: without an address there is none in it. */
const toStored = ({ state: { document } }: WrittenCustomer): string =>
  JSON.stringify(document.address === null ? withoutAddress(document) : document)

const withoutAddress = (document: CustomerDocument): object => ({ ...document, address: undefined })

const versionOf = ({ loadedVersion, events }: ChangedCustomer): number => loadedVersion + events.length

const createdAt = ({ events }: ChangedCustomer): number => events[0]?.occurredAt ?? 0

/** When its last event happened; null when that is the one that created it. */
const changedAt = ({ loadedVersion, events }: ChangedCustomer): number | null =>
  loadedVersion + events.length > 1 ? (events.at(-1)?.occurredAt ?? null) : null
