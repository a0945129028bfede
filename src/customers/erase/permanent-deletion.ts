import { type Row, type Session } from '../../database/index.js'
import { type Instant, newDeletionId, type RequestContext, toMillisText } from '../../kernel/index.js'

/** How much was erased. What belongs to other products is not there, and counts zero. */
export interface ErasedCounts {
  /** Events that lost data, of customers and of actions. */
  readonly events: number
  /** Those of them that are the person's own. */
  readonly customer_events: number
  readonly daily_events: 0
  readonly segments: 0
  readonly orders: 0
  readonly order_events: 0
  /** Customers: the one asked for, and earlier ones of the same `source_id`. */
  readonly customer: number
}

/** A permanent deletion as on the wire, its misspelled name included. */
export interface PermanentDeletionBody {
  readonly id: string
  readonly created_at: string
  readonly related_object_id: string
  readonly related_object: 'customer'
  readonly status: 'DONE'
  readonly data_json: ErasedCounts
  readonly object: 'pernament_deletion'
}

const INSERT = `
  INSERT INTO permanent_deletions (project_id, id, customer_id, request_id, created_at, counts)
  VALUES ($1, $2, $3, $4, date_trunc('milliseconds', clock_timestamp()), $5)
  RETURNING (extract(epoch FROM created_at) * 1000000)::bigint AS created_at`

/** Keeps that, when and at whose request a customer was erased; all that remains, and nothing personal. */
export async function recordDeletion(
  session: Session,
  { projectId, requestId }: RequestContext,
  customerId: string,
  counts: ErasedCounts,
): Promise<PermanentDeletionBody> {
  const id = newDeletionId()
  const row = await session.row<Row & { created_at: string }>(INSERT, [
    projectId,
    id,
    customerId,
    requestId,
    JSON.stringify(counts),
  ])
  return toBody(id, customerId, Number(row?.created_at), counts)
}

const toBody = (
  id: string,
  customerId: string,
  createdAt: Instant,
  counts: ErasedCounts,
): PermanentDeletionBody => ({
  id,
  created_at: toMillisText(createdAt),
  related_object_id: customerId,
  related_object: 'customer',
  status: 'DONE',
  data_json: counts,
  object: 'pernament_deletion',
})
