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
 * the first refuses a gap, and is needed only where a stream is continued.
 */
const APPEND = `
  INSERT INTO events (project_id, stream_id, version, type, schema_version, data, occurred_at,
                      correlation_id, causation_id)
  SELECT $1, e.stream_id, e.version, e.type, e.schema_version, e.data, e.occurred_at, $2, $3
  FROM unnest($4::text[], $5::int4[], $6::text[], $7::int4[], $8::json[], $9::timestamptz[], $10::int4[])
    AS e (stream_id, version, type, schema_version, data, occurred_at, continues)
  WHERE e.continues = 0 OR EXISTS (
    SELECT FROM events before
    WHERE before.project_id = $1 AND before.stream_id = e.stream_id AND before.version = e.continues)`

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
  const appended = await refusingDoubles(() =>
    session.execute(APPEND, [
      context.projectId,
      context.correlationId,
      context.causationId,
      textArray(events.map((event) => event.streamId)),
      int4Array(events.map((event) => event.version)),
      textArray(events.map((event) => event.type)),
      int4Array(events.map((event) => types.currentVersion(event.type))),
      jsonArray(events.map((event) => JSON.stringify(event.data))),
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
