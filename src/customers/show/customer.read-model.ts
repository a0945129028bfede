import { type Row, type Session, toInstant } from '../../database/index.js'
import { type Instant } from '../../kernel/index.js'
import { type CustomerDocument } from '../domain/customer-document.js'

/** What the API shows of a customer. */
export interface CustomerView {
  readonly id: string
  readonly sourceId: string | null
  readonly document: CustomerDocument
  readonly createdAt: Instant
  readonly updatedAt: Instant | null
}

interface CustomerRow extends Row {
  id: string
  source_id: string | null
  document: CustomerDocument
  created_at: string
  updated_at: string | null
}

/** Should someone use another customer's id as a `source_id`, the id means the customer that has it. */
const SELECT = `
  SELECT id, source_id, document, ${toInstant('created_at')} AS created_at,
    ${toInstant('updated_at')} AS updated_at
  FROM customers WHERE project_id = $1 AND (id = $2 OR source_id = $2)
  ORDER BY id = $2 DESC LIMIT 1`

/** A customer by its id or its `source_id`. */
export async function findCustomer(
  session: Session,
  projectId: string,
  idOrSourceId: string,
): Promise<CustomerView | undefined> {
  const row = await session.row<CustomerRow>(SELECT, [projectId, idOrSourceId])
  return row && toView(row)
}

const toView = (row: CustomerRow): CustomerView => ({
  id: row.id,
  sourceId: row.source_id,
  document: row.document,
  createdAt: Number(row.created_at),
  updatedAt: row.updated_at === null ? null : Number(row.updated_at),
})
