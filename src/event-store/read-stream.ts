import { type Row, type Session } from '../database/index.js'
import { type Instant } from '../kernel/index.js'
import { type EventTypeRegistry } from './event-types.js'
import { type RecordedEvent } from './recorded-event.js'
import { EVENT_COLUMNS, EVENTS, type StoredEvent, toRecordedEvent } from './stored-event.js'

const READ_STREAM = `
  SELECT ${EVENT_COLUMNS} FROM ${EVENTS} WHERE project_id = $1 AND stream_id = $2 ORDER BY version`

const READ_PART = `
  SELECT ${EVENT_COLUMNS} FROM ${EVENTS} WHERE project_id = $1 AND stream_id = $2 AND version > $3
  ORDER BY version LIMIT $4`

/** Where in its stream an event stands, and when it happened. */
export interface EventPlace {
  readonly version: number
  readonly occurredAt: Instant
}

/** Which events of a stream are meant; what is left out does not matter. Bounds in time are inclusive. */
export interface StreamFilter {
  readonly types?: readonly string[] | undefined
  readonly from?: Instant | undefined
  readonly till?: Instant | undefined
}

/** A part of a stream's events in one direction, beginning behind a version. */
export interface StreamSlice extends StreamFilter {
  readonly newestFirst: boolean
  readonly behind?: number | undefined
  readonly limit: number
}

const instant = (parameter: string): string =>
  `'epoch'::timestamptz + ${parameter}::bigint * interval '1 microsecond'`

const IS_MEANT = `
  project_id = $1 AND stream_id = $2 AND ($3::text[] IS NULL OR type = ANY ($3))
    AND ($4::bigint IS NULL OR occurred_at >= ${instant('$4')})
    AND ($5::bigint IS NULL OR occurred_at <= ${instant('$5')})`

const LIST = (comparison: '<' | '>', direction: 'ASC' | 'DESC'): string => `
  SELECT version, (extract(epoch FROM occurred_at) * 1000000)::bigint AS occurred_at FROM events
  WHERE ${IS_MEANT} AND ($6::int IS NULL OR version ${comparison} $6)
  ORDER BY version ${direction} LIMIT $7`

const COUNT = `SELECT count(*)::int AS count FROM events WHERE ${IS_MEANT}`

export async function readStream(
  session: Session,
  types: EventTypeRegistry,
  projectId: string,
  streamId: string,
): Promise<RecordedEvent[]> {
  const stored = await session.rows<StoredEvent>(READ_STREAM, [projectId, streamId])
  return stored.map((event) => toRecordedEvent(types, event))
}

/** Events of one stream behind a version, oldest first. */
export async function readStreamPart(
  session: Session,
  types: EventTypeRegistry,
  projectId: string,
  streamId: string,
  { behind, limit }: { readonly behind: number; readonly limit: number },
): Promise<RecordedEvent[]> {
  const stored = await session.rows<StoredEvent>(READ_PART, [projectId, streamId, behind, limit])
  return stored.map((event) => toRecordedEvent(types, event))
}

export async function listStream(
  session: Session,
  projectId: string,
  streamId: string,
  { newestFirst, behind, limit, ...filter }: StreamSlice,
): Promise<EventPlace[]> {
  const rows = await session.rows<Row & { version: number; occurred_at: string }>(
    newestFirst ? LIST('<', 'DESC') : LIST('>', 'ASC'),
    [projectId, streamId, ...parametersOf(filter), behind ?? null, limit],
  )
  return rows.map(({ version, occurred_at }) => ({ version, occurredAt: Number(occurred_at) }))
}

export async function countStream(
  session: Session,
  projectId: string,
  streamId: string,
  filter: StreamFilter,
): Promise<number> {
  const parameters = [projectId, streamId, ...parametersOf(filter)]
  return (await session.row<Row & { count: number }>(COUNT, parameters))?.count ?? 0
}

const parametersOf = ({ types, from, till }: StreamFilter): unknown[] => [
  types ?? null,
  from ?? null,
  till ?? null,
]
