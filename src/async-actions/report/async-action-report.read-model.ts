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
  SELECT csv FROM async_action_reports WHERE project_id = $1 AND async_action_id = $2 AND chunk = $3`

/** A segment was written with each chunk that took effect. */
const SELECT_AVAILABLE = `
  SELECT next_chunk AS segments FROM async_actions
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

/** How many segments the report of an ended action has; undefined when there is none to be downloaded any more. */
export async function countSegments(
  session: Session,
  projectId: string,
  id: string,
): Promise<number | undefined> {
  return (await session.row<Row & { segments: number }>(SELECT_AVAILABLE, [projectId, id]))?.segments
}

/** The lines of one chunk; throws when they are missing. */
export async function loadSegment(
  session: Session,
  projectId: string,
  id: string,
  chunk: number,
): Promise<string> {
  const row = await session.row<Row & { csv: string }>(SELECT_SEGMENT, [projectId, id, chunk])
  if (row === undefined) throw new Error(`The report of ${id} has no lines of chunk ${chunk}.`)
  return row.csv
}
