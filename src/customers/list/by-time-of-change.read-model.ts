import { type Row, type Session, together } from '../../database/index.js'
import { type CustomerView, toView, VIEW_COLUMNS, type ViewedCustomer } from '../show/customer.read-model.js'
import { lastChangedIn } from './changed-customers.js'
import { type Part } from './customer-list.read-model.js'
import { preferIndexOrder } from './prefer-index-order.js'

/** One append of a bulk request fills a page, of single changes each gives one customer: so it grows quickly. */
const FIRST_APPENDS = 1
const GROWTH = 4

/**
 * The first $2 appends from one end, and where the next one begins: what is beyond that may come after changes that were
 * not looked at. Spans of appends may overlap, where a customer changed while a chunk was under way.
 */
const changed = (edge: string, direction: string, isBefore: string): string => `
  WITH in_order AS MATERIALIZED (
    SELECT ${edge}, stream_ids, versions FROM appends WHERE project_id = $1 AND ${edge} IS NOT NULL
    ORDER BY ${edge} ${direction} LIMIT $2 + 1),
  looked_at AS (SELECT * FROM in_order LIMIT $2),
  next AS (SELECT ${edge} FROM in_order OFFSET $2)
  SELECT ${VIEW_COLUMNS} FROM (
    SELECT c.id AS customer_id, c.updated_at AS changed_at FROM ${lastChangedIn('looked_at')}
    WHERE NOT EXISTS (SELECT FROM next) OR c.updated_at ${isBefore} (SELECT ${edge} FROM next)
    ORDER BY c.updated_at ${direction}, c.id ${direction} OFFSET $3 LIMIT $4) page
  CROSS JOIN LATERAL (SELECT * FROM customers WHERE project_id = $1 AND id = customer_id LIMIT 1) customers
  ORDER BY changed_at ${direction}, customer_id ${direction}`

const unchanged = (direction: string): string => `
  SELECT ${VIEW_COLUMNS} FROM customers WHERE project_id = $1 AND updated_at IS NULL
  ORDER BY id ${direction} OFFSET $2 LIMIT $3`

const CHANGED = {
  updated_at: changed('changes_from', '', '<'),
  '-updated_at': changed('changes_till', 'DESC', '>'),
}
const UNCHANGED = { updated_at: unchanged(''), '-updated_at': unchanged('DESC') }

const CHANGING = '(SELECT * FROM appends WHERE project_id = $1 AND changes_till IS NOT NULL)'
const HAS_MORE = `SELECT EXISTS (SELECT FROM ${CHANGING} a OFFSET $2) AS more`
const COUNT_CHANGED = `SELECT count(*)::int AS count FROM (SELECT FROM ${lastChangedIn(CHANGING)} LIMIT $2) changed`

/**
 * All customers of a project by the time of their last change, those that never changed last. There is no index on
 * that time, because it would make every update touch every index; appends have one.
 */
export async function findByTimeOfChange(
  session: Session,
  projectId: string,
  { order, offset, limit }: Part,
): Promise<CustomerView[]> {
  const by = order === 'updated_at' ? order : '-updated_at'
  const [, rows] = await together(
    preferIndexOrder(session),
    findChanged(session, CHANGED[by], projectId, offset, limit),
  )
  if (rows.length < limit) {
    const passed = rows.length > 0 ? offset : await countChanged(session, projectId, offset)
    const parameters = [projectId, offset - passed, limit - rows.length]
    rows.push(...(await session.rows<ViewedCustomer>(UNCHANGED[by], parameters)))
  }
  return rows.map(toView)
}

/** Looks at more appends until a page is full or there are no more. */
async function findChanged(
  session: Session,
  statement: string,
  projectId: string,
  offset: number,
  limit: number,
): Promise<ViewedCustomer[]> {
  for (let appends = FIRST_APPENDS; ; appends *= GROWTH) {
    const rows = await session.rows<ViewedCustomer>(statement, [projectId, appends, offset, limit])
    if (rows.length === limit || !(await hasMore(session, projectId, appends))) return rows
  }
}

async function hasMore(session: Session, projectId: string, appends: number): Promise<boolean> {
  const row = await session.row<Row & { more: boolean }>(HAS_MORE, [projectId, appends])
  return row?.more ?? false
}

/** How many there are, at most `limit`: a page cannot lie deeper. */
async function countChanged(session: Session, projectId: string, limit: number): Promise<number> {
  const row = await session.row<Row & { count: number }>(COUNT_CHANGED, [projectId, limit])
  return row?.count ?? 0
}
