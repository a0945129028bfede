import { type Row, type Session, together } from '../../database/index.js'
import { firstCustomerIdOf, type Instant } from '../../kernel/index.js'
import { type CustomerView, toView, VIEW_COLUMNS, type ViewedCustomer } from '../show/customer.read-model.js'
import { SEARCHED, type Searched, searchKey } from '../store/search-keys.js'
import { lastChangedIn } from './changed-customers.js'
import { preferIndexOrder } from './prefer-index-order.js'

export const ORDERS = [
  'created_at',
  '-created_at',
  'updated_at',
  '-updated_at',
  'source_id',
  '-source_id',
] as const
export type Order = (typeof ORDERS)[number]

/** A span of time; neither end belongs to it. */
export interface Span {
  readonly after?: Instant | undefined
  readonly before?: Instant | undefined
}

/** Which customers of a project are wanted; all conditions must hold. */
export interface CustomerConditions {
  readonly searched: Readonly<Partial<Record<Searched, string | undefined>>>
  readonly created: Span
  readonly updated: Span
}

/** Which part of them, in which order. */
export interface Part {
  readonly order: Order
  readonly offset: number
  readonly limit: number
}

/** Collects the parameters of a statement; each is named by its place. */
class Parameters {
  readonly values: unknown[] = []

  constructor(projectId: string) {
    this.of(projectId)
  }

  of(value: unknown): string {
    this.values.push(value)
    return `$${this.values.length}`
  }
}

/** The customers that the conditions leave, of which a part is wanted. */
export async function findCustomers(
  session: Session,
  projectId: string,
  conditions: CustomerConditions,
  { order, offset, limit }: Part,
): Promise<CustomerView[]> {
  const parameters = new Parameters(projectId)
  const matching = matchingSql(projectId, conditions, parameters)
  const sql = `${matching} SELECT ${VIEW_COLUMNS} FROM matching AS customers ORDER BY ${ORDER_SQL[order]}
    OFFSET ${parameters.of(offset)} LIMIT ${parameters.of(limit)}`
  const select = (): Promise<ViewedCustomer[]> => session.rows(sql, parameters.values)
  if (!isIndexOrder(order, conditions)) return (await select()).map(toView)
  const [, rows] = await together(preferIndexOrder(session), select())
  return rows.map(toView)
}

/** How many customers the conditions leave. */
export async function countCustomers(
  session: Session,
  projectId: string,
  conditions: CustomerConditions,
): Promise<number> {
  const parameters = new Parameters(projectId)
  const matching = matchingSql(projectId, conditions, parameters)
  const sql = `${matching} SELECT count(*)::int AS count FROM matching`
  return (await session.row<Row & { count: number }>(sql, parameters.values))?.count ?? 0
}

/** How many customers the project has: kept with each write. */
export async function totalOf(session: Session, projectId: string): Promise<number> {
  const sql = 'SELECT customers::int AS count FROM customer_counters WHERE project_id = $1'
  return (await session.row<Row & { count: number }>(sql, [projectId]))?.count ?? 0
}

/** An id begins with the instant of creation, so the order of ids is that of creation. */
const ORDER_SQL: Record<Order, string> = {
  created_at: 'customers.id',
  '-created_at': 'customers.id DESC',
  updated_at: 'customers.updated_at NULLS LAST, customers.id',
  '-updated_at': 'customers.updated_at DESC NULLS LAST, customers.id DESC',
  source_id: 'customers.source_id, customers.id',
  '-source_id': 'customers.source_id DESC, customers.id DESC',
}

/** Whether customers come out of an index in this order: not when they are found by something else. */
const isIndexOrder = (order: Order, { searched, created, updated }: CustomerConditions): boolean =>
  isOpen(updated) &&
  (isOpen(created) ? !BY_CHANGE.has(order) : BY_CREATION.has(order)) &&
  SEARCHED.every((part) => searched[part] === undefined)

const BY_CHANGE: ReadonlySet<Order> = new Set<Order>(['updated_at', '-updated_at'])
const BY_CREATION: ReadonlySet<Order> = new Set<Order>(['created_at', '-created_at'])
const isOpen = ({ after, before }: Span): boolean => after === undefined && before === undefined

const COLUMNS = 'c.project_id, c.id, c.source_id, c.document, c.created_at, c.updated_at'

/**
 * `WITH matching AS …`. Which index is used is not left to PostgreSQL: it knows neither how many customers a project
 * has nor how rare a value is, and would at times read the whole project for one customer.
 */
function matchingSql(
  projectId: string,
  { searched, created, updated }: CustomerConditions,
  parameters: Parameters,
): string {
  const key = searchKeyOf(projectId, searched)
  const conditions = [
    'c.project_id = $1',
    ...SEARCHED.flatMap((part) => sameTextSql(part, searched[part], parameters)),
    ...createdSql(created, parameters),
  ]
  if (key !== undefined) {
    const found = foundSql(parameters.of([key]))
    const all = [...conditions, ...spanSql('c.updated_at', updated, parameters)].join(' AND ')
    return `WITH found AS MATERIALIZED (${found}), matching AS (SELECT ${COLUMNS} FROM found c WHERE ${all})`
  }
  const span = [
    ...spanSql('changes_till', { after: updated.after }, parameters),
    ...spanSql('changes_from', { before: updated.before }, parameters),
  ]
  const source = span.length === 0 ? 'customers c' : changedBetweenSql(span)
  const all = [...conditions, ...spanSql('c.updated_at', updated, parameters)].join(' AND ')
  return `WITH matching AS NOT MATERIALIZED (SELECT ${COLUMNS} FROM ${source} WHERE ${all})`
}

/** Those that an append changed last which made changes in the span, and maybe others. */
const changedBetweenSql = (span: string[]): string => `(
  SELECT c.* FROM ${lastChangedIn(`(SELECT * FROM appends WHERE project_id = $1 AND ${span.join(' AND ')})`)}) c`

/** Customers that had the value at some time. */
const foundSql = (keys: string): string => `
  SELECT customer.* FROM streams_found_by(${keys}::int4[]) AS e (stream_id)
  CROSS JOIN LATERAL (SELECT * FROM customers WHERE project_id = $1 AND id = e.stream_id LIMIT 1) customer`

/** The key of what is most likely to be rare: all conditions are checked on the customers that it finds. */
function searchKeyOf(projectId: string, searched: CustomerConditions['searched']): number | undefined {
  const part = SEARCHED.find((each) => searched[each] !== undefined)
  return part && searchKey(projectId, part, searched[part] ?? '')
}

const TEXT_OF: Record<Searched, string> = {
  email: `c.document::json->>'email'`,
  name: `c.document::json->>'name'`,
  city: `c.document::json->'address'->>'city'`,
}

const sameTextSql = (part: Searched, value: string | undefined, parameters: Parameters): string[] =>
  value === undefined ? [] : [`${TEXT_OF[part]} = ${parameters.of(value)}`]

const createdSql = ({ after, before }: Span, parameters: Parameters): string[] => [
  ...(after === undefined ? [] : [`c.id >= ${parameters.of(firstCustomerIdOf(after + 1))}`]),
  ...(before === undefined ? [] : [`c.id < ${parameters.of(firstCustomerIdOf(before))}`]),
]

const spanSql = (column: string, { after, before }: Span, parameters: Parameters): string[] => [
  ...(after === undefined ? [] : [`${column} > ${instantSql(parameters.of(after))}`]),
  ...(before === undefined ? [] : [`${column} < ${instantSql(parameters.of(before))}`]),
]

const instantSql = (parameter: string): string =>
  `('epoch'::timestamptz + ${parameter}::bigint * interval '1 microsecond')`
