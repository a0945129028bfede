import { type Row, type Session, together } from '../../database/index.js'
import { type CustomerView, toView, VIEW_COLUMNS, type ViewedCustomer } from '../show/customer.read-model.js'
import { type Part } from './customer-list.read-model.js'
import { preferIndexOrder } from './prefer-index-order.js'

/** In the order of their last events: of a customer only the last one matches its `updated_at`. */
const changed = (columns: string, direction: string): string => `
  SELECT ${columns} FROM (
    SELECT stream_id, occurred_at FROM events WHERE project_id = $1 AND version > 1
    ORDER BY occurred_at ${direction}) e
  CROSS JOIN LATERAL (
    SELECT * FROM customers WHERE project_id = $1 AND id = e.stream_id AND updated_at = e.occurred_at LIMIT 1) customers
  OFFSET $2 LIMIT $3`

const unchanged = (direction: string): string => `
  SELECT ${VIEW_COLUMNS} FROM customers WHERE project_id = $1 AND updated_at IS NULL
  ORDER BY id ${direction} OFFSET $2 LIMIT $3`

const CHANGED = { updated_at: changed(VIEW_COLUMNS, ''), '-updated_at': changed(VIEW_COLUMNS, 'DESC') }
const UNCHANGED = { updated_at: unchanged(''), '-updated_at': unchanged('DESC') }
const COUNT_CHANGED = `SELECT count(*)::int AS count FROM (${changed('1', '')}) changed`

/**
 * All customers of a project by the time of their last change, those that never changed last. There is no index on
 * that time, because it would make every update touch every index; the events have one.
 */
export async function findByTimeOfChange(
  session: Session,
  projectId: string,
  { order, offset, limit }: Part,
): Promise<CustomerView[]> {
  const by = order === 'updated_at' ? order : '-updated_at'
  const [, rows] = await together(
    preferIndexOrder(session),
    session.rows<ViewedCustomer>(CHANGED[by], [projectId, offset, limit]),
  )
  if (rows.length < limit) {
    const passed = rows.length > 0 ? offset : await countChanged(session, projectId, offset)
    const parameters = [projectId, offset - passed, limit - rows.length]
    rows.push(...(await session.rows<ViewedCustomer>(UNCHANGED[by], parameters)))
  }
  return rows.map(toView)
}

/** How many there are, at most `limit`: a page cannot lie deeper. */
async function countChanged(session: Session, projectId: string, limit: number): Promise<number> {
  const row = await session.row<Row & { count: number }>(COUNT_CHANGED, [projectId, 0, limit])
  return row?.count ?? 0
}
