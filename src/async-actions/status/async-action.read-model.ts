import { type Row, type Session, toInstant } from '../../database/index.js'
import { type Instant } from '../../kernel/index.js'
import { type AsyncActionStatus } from '../domain/async-action.js'

/** What the API shows of an action, as the projections keep it. */
export interface AsyncActionView {
  readonly id: string
  readonly type: string
  readonly status: AsyncActionStatus
  readonly requestId: string
  readonly rowCount: number
  readonly rowsDone: number
  readonly rowsFailed: number
  readonly failure: string | null
  readonly createdAt: Instant
  readonly updatedAt: Instant
  readonly finishedAt: Instant | null
  readonly reportsAvailableTill: Instant | null
}

interface StatusRow extends Row {
  id: string
  type: string
  status: AsyncActionStatus
  request_id: string
  row_count: number
  rows_done: number
  rows_failed: number
  failure: string | null
  created_at: string
  updated_at: string
  finished_at: string | null
  reports_available_till: string | null
}

const micros = (column: string): string => `${toInstant(column)} AS ${column}`

const SELECT = `
  SELECT id, type, status, request_id, row_count, rows_done, rows_failed, failure, ${micros('created_at')},
    ${micros('updated_at')}, ${micros('finished_at')}, ${micros('reports_available_till')}
  FROM async_actions`

/** One action of a project, or undefined. */
export async function findAction(
  session: Session,
  projectId: string,
  id: string,
): Promise<AsyncActionView | undefined> {
  const row = await session.row<StatusRow>(`${SELECT} WHERE project_id = $1 AND id = $2`, [projectId, id])
  return row && toView(row)
}

/** The newest actions of a project that were scheduled before a time. */
export async function findActionsBefore(
  session: Session,
  projectId: string,
  before: string | undefined,
  limit: number,
): Promise<AsyncActionView[]> {
  const rows = await session.rows<StatusRow>(
    `${SELECT} WHERE project_id = $1 AND created_at < coalesce($2::timestamptz, 'infinity')
     ORDER BY async_actions.created_at DESC LIMIT $3`,
    [projectId, before ?? null, limit],
  )
  return rows.map(toView)
}

const toView = (row: StatusRow): AsyncActionView => ({
  id: row.id,
  type: row.type,
  status: row.status,
  requestId: row.request_id,
  rowCount: row.row_count,
  rowsDone: row.rows_done,
  rowsFailed: row.rows_failed,
  failure: row.failure,
  createdAt: Number(row.created_at),
  updatedAt: Number(row.updated_at),
  finishedAt: instantOrNull(row.finished_at),
  reportsAvailableTill: instantOrNull(row.reports_available_till),
})

const instantOrNull = (micros: string | null): Instant | null => (micros === null ? null : Number(micros))
