import { fromInstant, type Session } from '../../database/index.js'
import { VersionConflictError } from '../../event-store/index.js'
import { type AsyncActionEvent } from '../domain/async-action.events.js'
import { type ProjectedEvent } from '../projected-event.js'

type EventType = AsyncActionEvent['type']

/** $1 project, $2 action, $3 version that the event makes, $4 when it happened; then the event's own. */
const INSERT_STATUS = `
  INSERT INTO async_actions (project_id, id, version, created_at, updated_at, type, status, request_id, row_count,
    chunk_count, payload_bytes)
  VALUES ($1, $2, $3, ${fromInstant('$4::bigint')}, ${fromInstant('$4::bigint')}, $5, 'ENQUEUED', $6, $7, $8, $9)`

const UPDATE_STATUS = (assignments: string): string => `
  UPDATE async_actions SET version = $3, updated_at = ${fromInstant('$4::bigint')}, ${assignments}
  WHERE project_id = $1 AND id = $2 AND version = $3 - 1`

const FINISHED = `finished_at = ${fromInstant('$4::bigint')}, reports_available_till = ${fromInstant('$5::bigint')}`

const STATEMENTS: Record<EventType, string> = {
  AsyncActionScheduled: INSERT_STATUS,
  AsyncActionStarted: UPDATE_STATUS(`status = 'IN_PROGRESS'`),
  AsyncActionChunkProcessed: UPDATE_STATUS(
    `next_chunk = $5 + 1, rows_done = rows_done + $6, rows_failed = rows_failed + $7, attempts = 0`,
  ),
  AsyncActionCompleted: UPDATE_STATUS(`status = 'DONE', ${FINISHED}`),
  AsyncActionFailed: UPDATE_STATUS(`status = 'FAILED', failure = $6, ${FINISHED}`),
}

/** Keeps the status row of an action, which is also its snapshot, in step with its events. */
export async function projectStatus(session: Session, projected: ProjectedEvent): Promise<void> {
  const { projectId, asyncActionId, version, occurredAt, event } = projected
  const written = await session.execute(STATEMENTS[event.type], [
    projectId,
    asyncActionId,
    version,
    occurredAt,
    ...parametersOf(event),
  ])
  if (written !== 1)
    throw new VersionConflictError(`The status of ${asyncActionId} is not at version ${version - 1}.`)
}

function parametersOf(event: AsyncActionEvent): unknown[] {
  switch (event.type) {
    case 'AsyncActionScheduled': {
      const { operation, request_id, row_count, chunk_count, payload_bytes } = event.data
      return [operation, request_id, row_count, chunk_count, payload_bytes]
    }
    case 'AsyncActionStarted':
      return []
    case 'AsyncActionChunkProcessed':
      return [event.data.chunk, event.data.row_count, event.data.failed_count]
    case 'AsyncActionCompleted':
      return [event.data.reports_available_till]
    case 'AsyncActionFailed':
      return [event.data.reports_available_till, event.data.reason]
  }
}
