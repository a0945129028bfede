import { type Session } from '../database/index.js'
import { refusingDoubles } from './append-to-streams.js'
import { type EventTypeRegistry } from './event-types.js'
import { type AppendColumns, insertAppend } from './insert-append.js'
import { type EventContext } from './recorded-event.js'

/** Events as an {@link AppendingStatement} has them. */
export interface AppendedRows extends AppendColumns {
  /** What stands behind FROM: rows of stream_id, version, data and occurred_at. */
  readonly source: string
}

/** One event for each of many streams, to be part of the WITH of an {@link AppendingStatement}. */
export const appendEvents = ({ source, ...columns }: AppendedRows): string => `
  append AS (${insertAppend(columns)}
  ), appended AS (
    INSERT INTO events (project_id, stream_id, version, type, schema_version, data, occurred_at, append_position)
    SELECT $1, stream_id, version, $4, $5, data, occurred_at, (SELECT position FROM append) FROM ${source}
  )`

/**
 * A statement that appends events of one type and writes what is derived from them, so that what both hold is sent
 * once. Which version an event gets is its own affair: 1 where a stream begins, else one more than that of a row which
 * it writes itself and which is kept in step with the stream.
 */
export interface AppendingStatement {
  readonly type: string
  /** Holds {@link appendEvents}, whose parameters are the first five: the project, both causes, type and version. */
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
  return refusingDoubles(session.execute(sql, [...first, ...parameters]))
}
