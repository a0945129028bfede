import { type Row, type Session, toInstant } from '../../database/index.js'
import { type Instant, notFound } from '../../kernel/index.js'
import { type CustomerDocument } from '../domain/customer-document.js'

/** What the API shows of a customer. */
export interface CustomerView {
  readonly id: string
  readonly sourceId: string | null
  readonly document: CustomerDocument
  readonly createdAt: Instant
  readonly updatedAt: Instant | null
}

export interface ViewedCustomer extends Row {
  id: string
  source_id: string | null
  /** JSON. */
  document: string
  created_at: string
  updated_at: string | null
}

/** What a {@link CustomerView} is made of. */
export const VIEW_COLUMNS = `customers.id, customers.source_id, customers.document,
  ${toInstant('customers.created_at')} AS created_at, ${toInstant('customers.updated_at')} AS updated_at`

const BY = (key: 'id' | 'source_id', rank: number): string => `(
  SELECT ${VIEW_COLUMNS}, ${rank} AS rank FROM customers WHERE project_id = $1 AND ${key} = $2)`

/** Should someone use another customer's id as a `source_id`, the id means the customer that has it. */
const SELECT = `${BY('id', 1)} UNION ALL ${BY('source_id', 2)} ORDER BY rank LIMIT 1`

/** Our id of a customer that is named by its id or its `source_id`; throws the 404 when there is none. */
export async function idOfCustomer(
  session: Session,
  projectId: string,
  idOrSourceId: string,
): Promise<string> {
  const customer = await findCustomer(session, projectId, idOrSourceId)
  if (customer === undefined) throw notFound('customer', idOrSourceId)
  return customer.id
}

/** A customer by its id or its `source_id`. */
export async function findCustomer(
  session: Session,
  projectId: string,
  idOrSourceId: string,
): Promise<CustomerView | undefined> {
  // PostgreSQL holds no NUL in a text, so no customer has such an id.
  if (idOrSourceId.includes('\0')) return undefined
  const row = await session.row<ViewedCustomer>(SELECT, [projectId, idOrSourceId])
  return row && toView(row)
}

export const toView = (row: ViewedCustomer): CustomerView => ({
  id: row.id,
  sourceId: row.source_id,
  document: JSON.parse(row.document) as CustomerDocument,
  createdAt: Number(row.created_at),
  updatedAt: row.updated_at === null ? null : Number(row.updated_at),
})
