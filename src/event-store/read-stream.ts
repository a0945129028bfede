import { type Session } from '../database/index.js'
import { type EventTypeRegistry } from './event-types.js'
import { type RecordedEvent } from './recorded-event.js'
import { EVENT_COLUMNS, type StoredEvent, toRecordedEvent } from './stored-event.js'

const READ_STREAM = `
  SELECT ${EVENT_COLUMNS} FROM events WHERE project_id = $1 AND stream_id = $2 ORDER BY version`

export async function readStream(
  session: Session,
  types: EventTypeRegistry,
  projectId: string,
  streamId: string,
): Promise<RecordedEvent[]> {
  const stored = await session.rows<StoredEvent>(READ_STREAM, [projectId, streamId])
  return stored.map((event) => toRecordedEvent(types, event))
}
