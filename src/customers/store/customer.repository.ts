import { Injectable } from '@nestjs/common'
import { type Row, type Session, textArray } from '../../database/index.js'
import { type EventContext, EventStore } from '../../event-store/index.js'
import { type CustomerRow } from '../domain/customer-row.js'
import { type ChangedCustomer, type LoadedCustomer, type LoadedCustomers } from '../domain/decide-rows.js'
import { CustomerWrites } from './customer-writes.js'
import { loadById, loadBySourceId } from './statements/load-customers.js'

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
    const loaded = await loadBySourceId(session, projectId, sourceIds, lock)
    return new Map(loaded.map((customer) => [customer.state.sourceId ?? '', customer]))
  }

  /** The known ones of these customers, by our id. */
  async loadById(
    session: Session,
    projectId: string,
    ids: readonly string[],
    lock = false,
  ): Promise<Map<string, LoadedCustomer>> {
    const loaded = await loadById(session, projectId, ids, lock)
    return new Map(loaded.map((customer) => [customer.id, customer]))
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
}

/** What PostgreSQL cannot hold names no customer; such a row has failed already. */
const distinct = (
  rows: readonly CustomerRow[],
  keyOf: (row: CustomerRow) => string | undefined,
): string[] => [
  ...new Set(rows.map(keyOf).filter((key) => key !== undefined && key !== '' && isStorable(key)) as string[]),
]

const isStorable = (text: string): boolean => !text.includes('\0') && text.isWellFormed()
