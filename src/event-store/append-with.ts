import { type Session } from '../database/index.js'
import { refusingDoubles } from './append-to-streams.js'
import { type EventTypeRegistry } from './event-types.js'
import { type EventContext } from './recorded-event.js'

/**
 * The INSERT of one event for each of many streams, to be part of an {@link AppendingStatement}. `source` is what
 * stands behind its FROM: rows of stream_id, version, data, occurred_at and keys.
 */
export const insertEvents = (source: string): string => `
  INSERT INTO events (project_id, stream_id, version, type, schema_version, data, occurred_at,
                      correlation_id, causation_id, keys)
  SELECT $1, stream_id, version, $4, $5, data, occurred_at, $2, $3, keys FROM ${source}`

/**
 * A statement that appends events of one type and writes what is derived from them, so that what both hold is sent
 * once. Which version an event gets is its own affair: 1 where a stream begins, else one more than that of a row which
 * it writes itself and which is kept in step with the stream.
 */
export interface AppendingStatement {
  readonly type: string
  /** Holds {@link insertEvents}, whose parameters are the first five: the project, both causes, type and version. */
  readonly sql: string
  /** From $6 on. */
  readonly parameters: readonly unknown[]
}

/** How many rows the statement touched beside the events; throws a `VersionConflictError` when a version exists. */
export function appendWith(
  session: Session,
  types: EventTypeRegistry,
  { projectId, correlationId, causationId }: EventContext,
  { type, sql, parameters }: AppendingStatement,
): Promise<number> {
  const first = [projectId, correlationId, causationId, type, types.currentVersion(type)]
  return refusingDoubles(() => session.execute(sql, [...first, ...parameters]))
}
