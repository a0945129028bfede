import { type Row, type Session } from '../database/index.js'
import { type EventTypeRegistry } from './event-types.js'
import { type RecordedEvent } from './recorded-event.js'
import { EVENT_COLUMNS, EVENTS, type StoredEvent, toRecordedEvent } from './stored-event.js'

/** Streams of a project by their ids: behind one, up to another, both exact. */
export interface StreamRange {
  readonly after: string
  readonly upTo: string
}

/** Chunks of actions are the largest events, some 50 kB: so many take 25 MB. */
const PAGE = 500

/** Row by row along the primary key: streams one after the other, each from its first version on. */
const READ_RANGE = `
  SELECT ${EVENT_COLUMNS} FROM ${EVENTS}
  WHERE project_id = $1 AND (stream_id, version) > ($2, $3) AND stream_id <= $4
  ORDER BY stream_id, version LIMIT ${PAGE}`

const LIST_STREAMS = `
  SELECT DISTINCT stream_id FROM events WHERE project_id = $1 AND stream_id > $2 AND stream_id <= $3
  ORDER BY stream_id LIMIT $4`

/** Above any version: what is read then begins with the next stream. */
const BEHIND_ALL = 2_147_483_647

/** The events of many streams, stream by stream, version by version; read page by page as they are asked for. */
export async function* readStreams(
  session: Session,
  types: EventTypeRegistry,
  projectId: string,
  { after, upTo }: StreamRange,
): AsyncGenerator<RecordedEvent> {
  let place = { stream_id: after, version: BEHIND_ALL }
  for (;;) {
    const parameters = [projectId, place.stream_id, place.version, upTo]
    const page = await session.rows<StoredEvent>(READ_RANGE, parameters)
    for (const event of page) yield toRecordedEvent(types, event)
    if (page.length < PAGE) return
    place = page.at(-1) ?? place
  }
}

/** The first ids of streams in a range. */
export async function listStreams(
  session: Session,
  projectId: string,
  { after, upTo }: StreamRange,
  limit: number,
): Promise<string[]> {
  const rows = await session.rows<Row & { stream_id: string }>(LIST_STREAMS, [projectId, after, upTo, limit])
  return rows.map(({ stream_id }) => stream_id)
}
