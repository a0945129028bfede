import {
  int4Array,
  isUniqueViolation,
  jsonArray,
  type Session,
  textArray,
  timestamptzArray,
} from '../database/index.js'
import { type EventTypeRegistry } from './event-types.js'
import { type EventContext, type StreamAppend } from './recorded-event.js'
import { VersionConflictError } from './version-conflict.error.js'

/**
 * One statement for all streams. The primary key refuses a version that exists; the look for the version before
 * the first refuses a gap, and is needed only where a stream is continued. With EXISTS instead of LIMIT 1 PostgreSQL
 * may read all events of the project into a hash for it.
 */
const APPEND = `
  INSERT INTO events (project_id, stream_id, version, type, schema_version, data, occurred_at,
                      correlation_id, causation_id)
  SELECT $1, e.stream_id, e.version, ($4::text[])[e.kind], ($5::int4[])[e.kind], e.data, e.occurred_at, $2, $3
  FROM unnest($6::text[], $7::int4[], $8::int4[], $9::json[], $10::timestamptz[], $11::int4[])
    AS e (stream_id, version, kind, data, occurred_at, continues)
  WHERE e.continues = 0 OR (
    SELECT true FROM events before
    WHERE before.project_id = $1 AND before.stream_id = e.stream_id AND before.version = e.continues LIMIT 1)`

export async function appendToStreams(
  session: Session,
  types: EventTypeRegistry,
  context: EventContext,
  appends: readonly StreamAppend[],
): Promise<void> {
  const events = appends.flatMap(({ streamId, expectedVersion, events }) =>
    events.map((event, index) => ({
      ...event,
      streamId,
      version: expectedVersion + index + 1,
      continues: index === 0 ? expectedVersion : 0,
    })),
  )
  if (events.length === 0) return
  // Of thousands of events there are a few types: each is sent once, and events name it by its place.
  const kinds = [...new Set(events.map((event) => event.type))]
  const kindOf = new Map(kinds.map((type, index) => [type, index + 1]))
  const appended = await refusingDoubles(() =>
    session.execute(APPEND, [
      context.projectId,
      context.correlationId,
      context.causationId,
      textArray(kinds),
      int4Array(kinds.map((type) => types.currentVersion(type))),
      textArray(events.map((event) => event.streamId)),
      int4Array(events.map((event) => event.version)),
      int4Array(events.map((event) => kindOf.get(event.type) ?? 0)),
      jsonArray(events.map((event) => event.json ?? JSON.stringify(event.data))),
      timestamptzArray(events.map((event) => event.occurredAt)),
      int4Array(events.map((event) => event.continues)),
    ]),
  )
  if (appended !== events.length) throw new VersionConflictError()
}

async function refusingDoubles(append: () => Promise<number>): Promise<number> {
  try {
    return await append()
  } catch (error) {
    throw isUniqueViolation(error) ? new VersionConflictError() : error
  }
}
