import { type Session } from '../../database/index.js'
import { unpackOutcomes } from '../domain/row-outcome.js'
import { type ProjectedEvent } from '../projected-event.js'
import { toCsv } from './csv.js'

/** `result.errors` shows at most this many failures of an action; the report has all. */
export const MAX_REPORTED_ERRORS = 1_000

const INSERT_SEGMENT = `
  INSERT INTO async_action_reports (project_id, async_action_id, chunk, csv, failures) VALUES ($1, $2, $3, $4, $5)`

/** One segment of the report per chunk, written with it: a download streams them in order. */
export async function projectReport(session: Session, projected: ProjectedEvent): Promise<void> {
  const { projectId, asyncActionId, event } = projected
  if (event.type !== 'AsyncActionChunkProcessed') return
  const outcomes = unpackOutcomes(event.data)
  const failures = outcomes
    .flatMap(({ sourceId, failure }, index) =>
      failure ? [{ ...failure, source_id: sourceId, row: event.data.first_row + index + 1 }] : [],
    )
    .slice(0, MAX_REPORTED_ERRORS)
  await session.execute(INSERT_SEGMENT, [
    projectId,
    asyncActionId,
    event.data.chunk,
    toCsv(outcomes),
    failures.length > 0 ? JSON.stringify(failures) : null,
  ])
}
