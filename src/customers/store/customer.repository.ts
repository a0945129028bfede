import { Injectable } from '@nestjs/common'
import {
  int4Array,
  isUniqueViolation,
  jsonArray,
  type Row,
  type Session,
  textArray,
  timestamptzArray,
} from '../../database/index.js'
import {
  type EventContext,
  EventStore,
  type StreamAppend,
  VersionConflictError,
} from '../../event-store/index.js'
import { type Address, type CustomerDocument } from '../domain/customer-document.js'
import { type ChangedCustomer, type LoadedCustomer } from '../domain/decide-rows.js'

/** A customer on its way to the tables, with its document as it is stored. */
type WrittenCustomer = ChangedCustomer & { readonly stored: string }

interface CustomerRow extends Row {
  id: string
  source_id: string
  version: number
  document: StoredDocument
}

/** As stored: an address that was never set, or was cleared, is absent. */
type StoredDocument = Omit<CustomerDocument, 'address'> & { address?: Address }

/**
 * No row locks: the unique keys and the versions are the guard, and a writer that loses decides again.
 * LATERAL with LIMIT makes every plan look up key by key. Left to choose, PostgreSQL read all customers of the
 * project for each chunk, as long as its statistics were those of an empty table.
 */
const SELECT = `
  SELECT customer.* FROM unnest($2::text[]) AS wanted (source_id) CROSS JOIN LATERAL (
    SELECT id, source_id, version, document FROM customers
    WHERE project_id = $1 AND source_id = wanted.source_id LIMIT 1) customer`

const INSERT = `
  INSERT INTO customers (project_id, id, source_id, version, created_at, updated_at, document)
  SELECT $1, c.* FROM unnest($2::text[], $3::text[], $4::int4[], $5::timestamptz[], $6::timestamptz[], $7::json[]) AS c`

/** Looks up key by key as above. The version is checked on the row itself, which may have been written meanwhile. */
const UPDATE = `
  UPDATE customers SET version = next.version, updated_at = next.updated_at, document = next.document
  FROM (
    SELECT c.*, customer.place
    FROM unnest($2::text[], $3::int4[], $4::int4[], $5::timestamptz[], $6::json[])
      AS c (id, loaded_version, version, updated_at, document)
    CROSS JOIN LATERAL (
      SELECT ctid AS place FROM customers WHERE project_id = $1 AND id = c.id LIMIT 1) customer) next
  WHERE customers.ctid = next.place AND customers.project_id = $1 AND customers.version = next.loaded_version`

const COUNT = `
  INSERT INTO customer_counters AS counter (project_id, customers) VALUES ($1, $2)
  ON CONFLICT (project_id) DO UPDATE SET customers = counter.customers + excluded.customers`

/** Loads customers from their rows, which are their snapshots, and writes events and snapshots together. */
@Injectable()
export class CustomerRepository {
  constructor(private readonly events: EventStore) {}

  /** The known ones of these customers, by `source_id`. */
  async load(
    session: Session,
    projectId: string,
    sourceIds: readonly string[],
  ): Promise<Map<string, LoadedCustomer>> {
    const rows = await session.rows<CustomerRow>(SELECT, [projectId, textArray(sourceIds)])
    return new Map(rows.map((row) => [row.source_id, toLoaded(row)]))
  }

  /** Throws a {@link VersionConflictError} when a customer was written by someone else after it was loaded. */
  async save(session: Session, context: EventContext, customers: readonly ChangedCustomer[]): Promise<void> {
    const written = customers.map((customer) => ({ ...customer, stored: toStored(customer.state.document) }))
    await this.insert(session, context.projectId, written.filter(isNew))
    await this.update(
      session,
      context.projectId,
      written.filter((customer) => !isNew(customer)),
    )
    await this.events.append(session, context, written.map(toAppend))
  }

  /** Adds the new ones to the project's total: last of all, because its writers wait for each other there. */
  async count(session: Session, projectId: string, saved: readonly ChangedCustomer[]): Promise<void> {
    const created = saved.filter(isNew).length
    if (created > 0) await session.execute(COUNT, [projectId, created])
  }

  private async insert(
    session: Session,
    projectId: string,
    created: readonly WrittenCustomer[],
  ): Promise<void> {
    if (created.length === 0) return
    try {
      await session.execute(INSERT, [
        projectId,
        textArray(created.map(({ id }) => id)),
        textArray(created.map(({ state }) => state.sourceId)),
        int4Array(created.map(versionOf)),
        timestamptzArray(created.map(({ events }) => events[0]?.occurredAt ?? null)),
        timestamptzArray(created.map(({ events }) => (events.length > 1 ? lastOf(events).occurredAt : null))),
        jsonArray(created.map(({ stored }) => stored)),
      ])
    } catch (error) {
      throw isUniqueViolation(error)
        ? new VersionConflictError('A customer was created by someone else.')
        : error
    }
  }

  private async update(
    session: Session,
    projectId: string,
    changed: readonly WrittenCustomer[],
  ): Promise<void> {
    if (changed.length === 0) return
    const updated = await session.execute(UPDATE, [
      projectId,
      textArray(changed.map(({ id }) => id)),
      int4Array(changed.map(({ loadedVersion }) => loadedVersion)),
      int4Array(changed.map(versionOf)),
      timestamptzArray(changed.map(({ events }) => lastOf(events).occurredAt)),
      jsonArray(changed.map(({ stored }) => stored)),
    ])
    if (updated !== changed.length) throw new VersionConflictError('A customer was changed by someone else.')
  }
}

const isNew = ({ loadedVersion }: ChangedCustomer): boolean => loadedVersion === 0

/** A document as it is stored: without an address there is none in it. */
const toStored = (document: CustomerDocument): string =>
  JSON.stringify(document.address === null ? { ...document, address: undefined } : document)

/** A new customer's first event holds the very attributes that its stored document holds. */
function toAppend({ id, loadedVersion, events, state, stored }: WrittenCustomer): StreamAppend {
  const [first] = events
  if (events.length > 1 || first?.type !== 'CustomerUpserted') {
    return { streamId: id, expectedVersion: loadedVersion, events }
  }
  const json = `{"source_id":${JSON.stringify(state.sourceId)},"attributes":${stored}}`
  return { streamId: id, expectedVersion: 0, events: [{ ...first, json }] }
}

const versionOf = ({ loadedVersion, events }: ChangedCustomer): number => loadedVersion + events.length

const toLoaded = ({ id, source_id: sourceId, version, document }: CustomerRow): LoadedCustomer => ({
  id,
  version,
  state: { kind: 'known', sourceId, document: { ...document, address: document.address ?? null } },
})

function lastOf<T>(items: readonly T[]): T {
  const last = items.at(-1)
  if (last === undefined) throw new Error('A changed customer has at least one event.')
  return last
}
