import { Injectable } from '@nestjs/common'
import { type Row, type Session, textArray, toInstant } from '../../database/index.js'
import { type EventContext, EventStore } from '../../event-store/index.js'
import { type Address, type CustomerDocument } from '../domain/customer-document.js'
import { type CustomerRow } from '../domain/customer-row.js'
import { type ChangedCustomer, type LoadedCustomer, type LoadedCustomers } from '../domain/decide-rows.js'
import { CustomerWrites } from './customer-writes.js'

/** Loaded customers column by column, one place in each for one customer. */
interface StoredCustomers {
  readonly ids: string[]
  readonly source_ids: (string | null)[]
  readonly versions: number[]
  readonly changed_at: number[]
  readonly documents: StoredDocument[]
}

const NONE: StoredCustomers = { ids: [], source_ids: [], versions: [], changed_at: [], documents: [] }

/** As stored: an address that was never set, or was cleared, is absent. */
type StoredDocument = Omit<CustomerDocument, 'address'> & { address?: Address }

/**
 * Ordinarily without row locks: the unique keys and the versions are the guard, and a writer that loses decides again.
 * One that changes thousands would lose to single writers for ever: the second time it locks.
 * LATERAL with LIMIT makes every plan look up key by key. Left to choose, PostgreSQL read all customers of the
 * project for each chunk, as long as its statistics were those of an empty table.
 * All of them in one JSON text, NULL when there are none: row by row the driver took 54 ms for 27,000 before the first
 * was parsed, and an object for each customer made PostgreSQL and the parser a tenth slower than a list for each
 * column.
 */
const SELECT_BY = (key: 'id' | 'source_id', lock = ''): string => `
  SELECT '{"ids":["' || string_agg(id, '","') || '"],"source_ids":[' || string_agg(source_id, ',')
    || '],"versions":[' || string_agg(version::text, ',') || '],"changed_at":[' || string_agg(changed_at::text, ',')
    || '],"documents":[' || string_agg(document, ',') || ']}' AS customers
  FROM unnest($2::text[]) AS wanted (key) CROSS JOIN LATERAL (
    SELECT id, coalesce(to_json(source_id)::text, 'null') AS source_id, version,
      ${toInstant('coalesce(updated_at, created_at)')} AS changed_at, document
    FROM customers WHERE project_id = $1 AND ${key} = wanted.key LIMIT 1 ${lock}) customer`

const SELECT_BY_SOURCE_ID = SELECT_BY('source_id')
const SELECT_BY_ID = SELECT_BY('id')
const LOCK_BY_SOURCE_ID = SELECT_BY('source_id', 'FOR UPDATE')
const LOCK_BY_ID = SELECT_BY('id', 'FOR UPDATE')

const SELECT_SOURCE_IDS = `
  SELECT customer.* FROM unnest($2::text[]) AS wanted (key) CROSS JOIN LATERAL (
    SELECT id, source_id FROM customers
    WHERE project_id = $1 AND id = wanted.key AND source_id IS NOT NULL LIMIT 1) customer`

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
    const stored = await this.select(session, statement, projectId, sourceIds)
    return new Map(toLoaded(stored).map((customer) => [customer.state.sourceId ?? '', customer]))
  }

  /** The known ones of these customers, by our id. */
  async loadById(
    session: Session,
    projectId: string,
    ids: readonly string[],
    lock = false,
  ): Promise<Map<string, LoadedCustomer>> {
    const stored = await this.select(session, lock ? LOCK_BY_ID : SELECT_BY_ID, projectId, ids)
    return new Map(toLoaded(stored).map((customer) => [customer.id, customer]))
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

  /** Events and snapshots of changed customers, ready to be sent together. */
  writeOut(context: EventContext, customers: readonly ChangedCustomer[]): CustomerWrites {
    return new CustomerWrites(this.events, context, customers)
  }

  private async select(
    session: Session,
    statement: string,
    projectId: string,
    keys: readonly string[],
  ): Promise<StoredCustomers> {
    if (keys.length === 0) return NONE
    const row = await session.row<Row & { customers: string | null }>(statement, [projectId, textArray(keys)])
    return row?.customers ? (JSON.parse(row.customers) as StoredCustomers) : NONE
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

const toLoaded = ({
  ids,
  source_ids: sourceIds,
  versions,
  changed_at: changedAt,
  documents,
}: StoredCustomers): LoadedCustomer[] =>
  ids.map((id, place) => ({
    id,
    version: versions[place] ?? 0,
    changedAt: changedAt[place] ?? 0,
    state: {
      kind: 'known',
      sourceId: sourceIds[place] ?? null,
      document: toDocument(documents[place]),
    },
  }))

/** Written out, so that all documents have one shape in memory, whatever they hold. */
const toDocument = (stored: StoredDocument = {}): CustomerDocument => ({
  name: stored.name,
  description: stored.description,
  email: stored.email,
  phone: stored.phone,
  birthday: stored.birthday,
  birthdate: stored.birthdate,
  address: stored.address ?? null,
  metadata: stored.metadata,
})
