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
import { type CustomerRow } from '../domain/customer-row.js'
import { type ChangedCustomer, type LoadedCustomer, type LoadedCustomers } from '../domain/decide-rows.js'
import { type KnownCustomer } from '../domain/customer.js'
import { SEARCHED, SEARCHED_TEXT, searchKey } from './search-keys.js'

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
 * Ordinarily without row locks: the unique keys and the versions are the guard, and a writer that loses decides again.
 * One that changes thousands would lose to single writers for ever: the second time it locks.
 * LATERAL with LIMIT makes every plan look up key by key. Left to choose, PostgreSQL read all customers of the
 * project for each chunk, as long as its statistics were those of an empty table.
 */
const SELECT_BY = (key: 'id' | 'source_id', lock = ''): string => `
  SELECT customer.* FROM unnest($2::text[]) AS wanted (key) CROSS JOIN LATERAL (
    SELECT id, source_id, version, document FROM customers
    WHERE project_id = $1 AND ${key} = wanted.key LIMIT 1 ${lock}) customer`

const SELECT_BY_SOURCE_ID = SELECT_BY('source_id')
const SELECT_BY_ID = SELECT_BY('id')
const LOCK_BY_SOURCE_ID = SELECT_BY('source_id', 'FOR UPDATE')
const LOCK_BY_ID = SELECT_BY('id', 'FOR UPDATE')

/** Null when there is nothing to find the customer by: the index leaves such customers out. */
const SEARCH_KEYS = `nullif(array_remove(ARRAY[c.email, c.city, c.name], NULL), '{}')`

const SELECT_SOURCE_IDS = `
  SELECT customer.* FROM unnest($2::text[]) AS wanted (key) CROSS JOIN LATERAL (
    SELECT id, source_id FROM customers
    WHERE project_id = $1 AND id = wanted.key AND source_id IS NOT NULL LIMIT 1) customer`

const INSERT = `
  INSERT INTO customers (project_id, id, source_id, version, created_at, updated_at, document, search_keys)
  SELECT $1, c.id, c.source_id, c.version, c.created_at, c.updated_at, c.document, ${SEARCH_KEYS}
  FROM unnest($2::text[], $3::text[], $4::int4[], $5::timestamptz[], $6::timestamptz[], $7::json[],
              $8::int4[], $9::int4[], $10::int4[])
    AS c (id, source_id, version, created_at, updated_at, document, email, city, name)`

/**
 * Looks up key by key as above. The version is checked on the row itself, which may have been written meanwhile.
 * Naming the project once more at the end made PostgreSQL read all of its customers for each row, when the statistics
 * were older than the project: over 25 s instead of 18 ms for 2,500 rows.
 * OFFSET 0 has the places looked up first: left to choose, PostgreSQL joined by the version alone, which is 1 in most
 * rows, as long as its statistics were those of an empty table; 2,500 of 6,000 customers then took minutes.
 */
const UPDATE = `
  UPDATE customers SET version = next.version, updated_at = next.updated_at, document = next.document,
    search_keys = next.search_keys
  FROM (
    SELECT c.*, ${SEARCH_KEYS} AS search_keys, customer.place
    FROM unnest($2::text[], $3::int4[], $4::int4[], $5::timestamptz[], $6::json[], $7::int4[], $8::int4[], $9::int4[])
      AS c (id, loaded_version, version, updated_at, document, email, city, name)
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

/** Loads customers from their rows, which are their snapshots, and writes events and snapshots together. */
@Injectable()
export class CustomerRepository {
  constructor(private readonly events: EventStore) {}

  /** The known ones of the customers that rows name, by either id; locked to the transaction's end, if wanted. */
  async loadNamed(
    session: Session,
    projectId: string,
    rows: readonly CustomerRow[],
    lock = false,
  ): Promise<LoadedCustomers> {
    const sourceIds = distinct(rows, ({ sourceId }) => sourceId)
    const ids = distinct(rows, ({ customerId }) => customerId)
    return {
      bySourceId: await this.load(session, projectId, sourceIds, lock),
      byId: await this.loadById(session, projectId, ids, lock),
    }
  }

  /** The known ones of these customers, by `source_id`. */
  async load(
    session: Session,
    projectId: string,
    sourceIds: readonly string[],
    lock = false,
  ): Promise<Map<string, LoadedCustomer>> {
    const statement = lock ? LOCK_BY_SOURCE_ID : SELECT_BY_SOURCE_ID
    const rows = await this.select(session, statement, projectId, sourceIds)
    return new Map(rows.map((row) => [row.source_id ?? '', toLoaded(row)]))
  }

  /** The known ones of these customers, by our id. */
  async loadById(
    session: Session,
    projectId: string,
    ids: readonly string[],
    lock = false,
  ): Promise<Map<string, LoadedCustomer>> {
    const rows = await this.select(session, lock ? LOCK_BY_ID : SELECT_BY_ID, projectId, ids)
    return new Map(rows.map((row) => [row.id, toLoaded(row)]))
  }

  /** The `source_id` of those of these customers that have one, by our id. */
  async sourceIdsOf(
    session: Session,
    projectId: string,
    rows: readonly CustomerRow[],
  ): Promise<Map<string, string>> {
    const ids = distinct(rows, ({ customerId }) => customerId)
    if (ids.length === 0) return new Map()
    const found = await session.rows<Row & { id: string; source_id: string }>(SELECT_SOURCE_IDS, [
      projectId,
      textArray(ids),
    ])
    return new Map(found.map(({ id, source_id: sourceId }) => [id, sourceId]))
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
        ...searchKeyArrays(projectId, created),
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
      ...searchKeyArrays(projectId, changed),
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

/** What PostgreSQL cannot hold names no customer; such a row has failed already. */
const distinct = (
  rows: readonly CustomerRow[],
  keyOf: (row: CustomerRow) => string | undefined,
): string[] => [
  ...new Set(rows.map(keyOf).filter((key) => key !== undefined && key !== '' && isStorable(key)) as string[]),
]

const isStorable = (text: string): boolean => !text.includes('\0') && text.isWellFormed()

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

/** One array for each of {@link SEARCHED}. */
function searchKeyArrays(projectId: string, customers: readonly WrittenCustomer[]): Buffer[] {
  return SEARCHED.map((part) => {
    const textOf = SEARCHED_TEXT[part]
    const keys = customers.map(({ state }) => {
      const text = textOf(state.document)
      return typeof text === 'string' ? searchKey(projectId, part, text) : null
    })
    return int4Array(keys)
  })
}

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
