import { type Session } from '../database/index.js'
import { refusingDoubles } from './append-to-streams.js'
import { type EventTypeRegistry } from './event-types.js'
import { type EventContext } from './recorded-event.js'

/**
 * The INSERT of events that begin streams, to be part of a statement that is given to {@link beginStreams}. `source`
 * is what stands behind its FROM: rows of stream_id, data, occurred_at and keys.
 */
export const insertFirstEvents = (source: string): string => `
  INSERT INTO events (project_id, stream_id, version, type, schema_version, data, occurred_at,
                      correlation_id, causation_id, keys)
  SELECT $1, stream_id, 1, $4, $5, data, occurred_at, $2, $3, keys FROM ${source}`

/** Streams that begin with one event each, all of one type. */
export interface NewStreams {
  readonly type: string
  /** Holds {@link insertFirstEvents}, whose parameters are the first five: the project, both causes, type and version. */
  readonly statement: string
  /** From $6 on. */
  readonly parameters: readonly unknown[]
}

export async function beginStreams(
  session: Session,
  types: EventTypeRegistry,
  { projectId, correlationId, causationId }: EventContext,
  { type, statement, parameters }: NewStreams,
): Promise<void> {
  const first = [projectId, correlationId, causationId, type, types.currentVersion(type)]
  await refusingDoubles(() => session.execute(statement, [...first, ...parameters]))
}
