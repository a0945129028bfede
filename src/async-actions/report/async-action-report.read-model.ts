import { type Row, type Session } from '../../database/index.js'
import { MAX_REPORTED_ERRORS } from './async-action-report.projection.js'

/** A failed row, as it is stored. */
export interface ReportedError {
  readonly key: string
  readonly message: string
  readonly details: string
  readonly source_id: string
  /** Its place in the request, from 1. */
  readonly row: number
}

const SELECT_FAILURES = `
  SELECT failures, chunk FROM async_action_reports
  WHERE project_id = $1 AND async_action_id = $2 AND failures IS NOT NULL AND chunk > $3
  ORDER BY chunk LIMIT 1`

const SELECT_SEGMENT = `
  SELECT report.csv FROM async_action_reports report JOIN async_actions action
    ON action.project_id = report.project_id AND action.id = report.async_action_id
  WHERE report.project_id = $1 AND report.async_action_id = $2 AND report.chunk = $3
    AND action.reports_available_till > clock_timestamp()`

const SELECT_AVAILABLE = `
  SELECT FROM async_actions
  WHERE project_id = $1 AND id = $2 AND reports_available_till > clock_timestamp()`

/** The first failed rows of an action, in their order. */
export async function findErrors(session: Session, projectId: string, id: string): Promise<ReportedError[]> {
  const errors: ReportedError[] = []
  for (let chunk = -1; errors.length < MAX_REPORTED_ERRORS;) {
    const row = await session.row<Row & { failures: ReportedError[]; chunk: number }>(SELECT_FAILURES, [
      projectId,
      id,
      chunk,
    ])
    if (row === undefined) break
    errors.push(...row.failures)
    chunk = row.chunk
  }
  return errors.slice(0, MAX_REPORTED_ERRORS)
}

/** Whether an action has ended and its report can still be downloaded. */
export async function isReportAvailable(session: Session, projectId: string, id: string): Promise<boolean> {
  return (await session.execute(SELECT_AVAILABLE, [projectId, id])) > 0
}

/** The lines of one chunk, or undefined after the last. */
export async function findSegment(
  session: Session,
  projectId: string,
  id: string,
  chunk: number,
): Promise<string | undefined> {
  return (await session.row<Row & { csv: string }>(SELECT_SEGMENT, [projectId, id, chunk]))?.csv
}
