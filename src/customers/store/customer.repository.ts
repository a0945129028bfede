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
import { type KnownCustomer } from '../domain/customer.js'

/** A customer that stays, on its way to the tables, with its document as it is stored. */
type WrittenCustomer = ChangedCustomer & { readonly state: KnownCustomer; readonly stored: string }

interface StoredCustomer extends Row {
  id: string
  source_id: string | null
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
const SELECT_BY = (key: 'id' | 'source_id'): string => `
  SELECT customer.* FROM unnest($2::text[]) AS wanted (key) CROSS JOIN LATERAL (
    SELECT id, source_id, version, document FROM customers
    WHERE project_id = $1 AND ${key} = wanted.key LIMIT 1) customer`
const SELECT_BY_SOURCE_ID = SELECT_BY('source_id')
const SELECT_BY_ID = SELECT_BY('id')

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
    const rows = await this.select(session, SELECT_BY_SOURCE_ID, projectId, sourceIds)
    return new Map(rows.map((row) => [row.source_id ?? '', toLoaded(row)]))
  }

  /** The known ones of these customers, by our id. */
  async loadById(
    session: Session,
    projectId: string,
    ids: readonly string[],
  ): Promise<Map<string, LoadedCustomer>> {
    const rows = await this.select(session, SELECT_BY_ID, projectId, ids)
    return new Map(rows.map((row) => [row.id, toLoaded(row)]))
  }

  /** Throws a {@link VersionConflictError} when a customer was written by someone else after it was loaded. */
  async save(session: Session, context: EventContext, customers: readonly ChangedCustomer[]): Promise<void> {
    const { projectId } = context
    const written = customers.filter(stays).map(toWritten)
    const deleted = customers.filter((customer) => !stays(customer))
    await this.insert(session, projectId, written.filter(isNew))
    await this.update(
      session,
      projectId,
      written.filter((customer) => !isNew(customer)),
    )
    await this.delete(session, projectId, deleted)
    await this.events.append(session, context, [...written.map(toAppend), ...deleted.map(toPlainAppend)])
  }

  /** Keeps the project's total: last of all, because its writers wait for each other there. */
  async addToTotal(session: Session, projectId: string, saved: readonly ChangedCustomer[]): Promise<void> {
    const created = saved.filter(isNew).length
    const deleted = saved.filter((customer) => !stays(customer)).length
    if (created !== deleted) await session.execute(ADD_TO_TOTAL, [projectId, created - deleted])
  }

  private select(
    session: Session,
    statement: string,
    projectId: string,
    keys: readonly string[],
  ): Promise<StoredCustomer[]> {
    if (keys.length === 0) return Promise.resolve([])
    return session.rows<StoredCustomer>(statement, [projectId, textArray(keys)])
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

  private async delete(
    session: Session,
    projectId: string,
    deleted: readonly ChangedCustomer[],
  ): Promise<void> {
    if (deleted.length === 0) return
    const gone = await session.execute(DELETE, [
      projectId,
      textArray(deleted.map(({ id }) => id)),
      int4Array(deleted.map(({ loadedVersion }) => loadedVersion)),
    ])
    if (gone !== deleted.length) throw new VersionConflictError('A customer was changed by someone else.')
  }
}

const isNew = ({ loadedVersion }: ChangedCustomer): boolean => loadedVersion === 0

const stays = (customer: ChangedCustomer): customer is ChangedCustomer & { state: KnownCustomer } =>
  customer.state.kind === 'known'

const toWritten = (customer: ChangedCustomer & { readonly state: KnownCustomer }): WrittenCustomer => ({
  ...customer,
  stored: toStored(customer.state.document),
})

/** A document as it is stored: without an address there is none in it. */
const toStored = (document: CustomerDocument): string =>
  JSON.stringify(document.address === null ? { ...document, address: undefined } : document)

/** A new customer's first event holds the very attributes that its stored document holds. */
function toAppend(customer: WrittenCustomer): StreamAppend {
  const { id, events, state, stored } = customer
  const [first] = events
  if (events.length > 1 || first?.type !== 'CustomerUpserted') return toPlainAppend(customer)
  const json = `{"source_id":${JSON.stringify(state.sourceId)},"attributes":${stored}}`
  return { streamId: id, expectedVersion: 0, events: [{ ...first, json }] }
}

const toPlainAppend = ({ id, loadedVersion, events }: ChangedCustomer): StreamAppend => ({
  streamId: id,
  expectedVersion: loadedVersion,
  events,
})

const versionOf = ({ loadedVersion, events }: ChangedCustomer): number => loadedVersion + events.length

const toLoaded = ({ id, source_id: sourceId, version, document }: StoredCustomer): LoadedCustomer => ({
  id,
  version,
  state: { kind: 'known', sourceId, document: { ...document, address: document.address ?? null } },
})

function lastOf<T>(items: readonly T[]): T {
  const last = items.at(-1)
  if (last === undefined) throw new Error('A changed customer has at least one event.')
  return last
}
