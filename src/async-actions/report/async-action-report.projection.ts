import { type Session } from '../../database/index.js'
import { unpackOutcomes } from '../domain/row-outcome.js'
import { type AsyncActionChunkProcessed } from '../domain/async-action.events.js'
import { type ProjectedEvent } from '../projected-event.js'
import { toCsv } from './csv.js'

/** `result.errors` shows at most this many failures of an action; the report has all. */
export const MAX_REPORTED_ERRORS = 1_000

const INSERT_SEGMENT = `
  INSERT INTO async_action_reports (project_id, async_action_id, chunk, csv, failures) VALUES ($1, $2, $3, $4, $5)`

const REWRITE_SEGMENT = `
  UPDATE async_action_reports SET csv = $4, failures = $5
  WHERE project_id = $1 AND async_action_id = $2 AND chunk = $3`

/** One segment of the report per chunk, written with it: a download streams them in order. */
export async function projectReport(session: Session, projected: ProjectedEvent): Promise<void> {
  const { projectId, asyncActionId, event } = projected
  if (event.type !== 'AsyncActionChunkProcessed') return
  await session.execute(INSERT_SEGMENT, [projectId, asyncActionId, ...segmentOf(event.data)])
}

/** The segment as it is to be now that something was taken out of its event: the same as a new one made from it. */
export async function rewriteSegment(
  session: Session,
  projectId: string,
  asyncActionId: string,
  data: AsyncActionChunkProcessed['data'],
): Promise<void> {
  const segment = [projectId, asyncActionId, ...segmentOf(data)]
  if ((await session.execute(REWRITE_SEGMENT, segment)) !== 1)
    throw new Error(`${asyncActionId} has no report segment ${data.chunk}.`)
}

/** Its place, its lines, and those of its failures that `result.errors` may show. */
function segmentOf(data: AsyncActionChunkProcessed['data']): [number, string, string | null] {
  const outcomes = unpackOutcomes(data)
  const failures = outcomes
    .flatMap(({ sourceId, failure }, index) =>
      failure ? [{ ...failure, source_id: sourceId, row: data.first_row + index + 1 }] : [],
    )
    .slice(0, MAX_REPORTED_ERRORS)
  return [data.chunk, toCsv(outcomes), failures.length > 0 ? JSON.stringify(failures) : null]
}
