import { int4Array, isUniqueViolation, type Session, textArray, timestamptzArray } from '../database/index.js'
import { EventKeys } from './event-keys.js'
import { insertAppend } from './insert-append.js'
import { type EventTypeRegistry } from './event-types.js'
import { type EventContext, type KeysOf, type NewEvent, type StreamEvents } from './recorded-event.js'
import { VersionConflictError } from './version-conflict.error.js'

/**
 * One statement for all streams. The primary key refuses a version that exists; the look for the version before
 * the first refuses a gap, and is needed only where a stream is continued. With EXISTS instead of LIMIT 1 PostgreSQL
 * may read all events of the project into a hash for it.
 */
const APPEND = `
  WITH append AS (${insertAppend({ streamIds: '$6', versions: '$7', occurredAt: '$10', keys: '$12' })})
  INSERT INTO events (project_id, stream_id, version, type, schema_version, data, occurred_at, append_position)
  SELECT $1, e.stream_id, e.version, ($4::text[])[e.kind], ($5::int4[])[e.kind], e.data, e.occurred_at,
    (SELECT position FROM append)
  FROM unnest($6::text[], $7::int4[], $8::int4[], $9::text[], $10::timestamptz[], $11::int4[])
    AS e (stream_id, version, kind, data, occurred_at, continues)
  WHERE e.continues = 0 OR (
    SELECT true FROM events before
    WHERE before.project_id = $1 AND before.stream_id = e.stream_id AND before.version = e.continues LIMIT 1)`

/**
 * What is still to be sent to PostgreSQL, as bytes: the objects that it was made of may go. The bytes may go, too, once it
 * was called and is let go: nothing that waits for the answer may hold them, such as an async function that made them.
 */
export type Pending = (session: Session) => Promise<void>

export function appendToStreams<Event extends NewEvent>(
  types: EventTypeRegistry,
  { projectId, correlationId, causationId }: EventContext,
  streams: readonly StreamEvents<Event>[],
  keysOf: KeysOf<Event>,
): Pending {
  const columns = new EventColumns(types, keysOf)
  for (const stream of streams) columns.add(stream)
  return sending(columns.count, [projectId, correlationId, causationId, ...columns.toParameters()])
}

function sending(count: number, parameters: readonly unknown[]): Pending {
  if (count === 0) return () => Promise.resolve()
  return (session) => expectAppended(session.execute(APPEND, parameters), count)
}

async function expectAppended(appending: Promise<number>, count: number): Promise<void> {
  if ((await refusingDoubles(appending)) !== count) throw new VersionConflictError()
}

/** A version that exists already is another writer's. */
export async function refusingDoubles<T>(appending: Promise<T>): Promise<T> {
  try {
    return await appending
  } catch (error) {
    throw isUniqueViolation(error) ? new VersionConflictError() : error
  }
}

/** Events column by column, as PostgreSQL takes them. */
class EventColumns<Event extends NewEvent> {
  /** Of thousands of events there are a few types: each is sent once, and events name it by its place, from 1 on. */
  private readonly places = new Map<string, number>()
  private readonly streamIds: string[] = []
  private readonly versions: number[] = []
  private readonly kinds: number[] = []
  private readonly data: string[] = []
  private readonly occurredAt: number[] = []
  private readonly continues: number[] = []
  private readonly keys = new EventKeys()

  constructor(
    private readonly types: EventTypeRegistry,
    private readonly keysOf: KeysOf<Event>,
  ) {}

  get count(): number {
    return this.versions.length
  }

  add({ streamId, expectedVersion, events }: StreamEvents<Event>): void {
    events.forEach((event, index) => {
      this.streamIds.push(streamId)
      this.versions.push(expectedVersion + index + 1)
      this.continues.push(index === 0 ? expectedVersion : 0)
      this.addEvent(event)
    })
  }

  toParameters(): (Buffer | null)[] {
    const types = [...this.places.keys()]
    return [
      textArray(types),
      int4Array(types.map((type) => this.types.currentVersion(type))),
      textArray(this.streamIds),
      int4Array(this.versions),
      int4Array(this.kinds),
      textArray(this.data),
      timestamptzArray(this.occurredAt),
      int4Array(this.continues),
      this.keys.toParameter(),
    ]
  }

  private addEvent(event: Event): void {
    this.kinds.push(this.placeOf(event.type))
    this.data.push(JSON.stringify(event.data))
    this.occurredAt.push(event.occurredAt)
    this.keys.add(this.keysOf(event))
  }

  private placeOf(type: string): number {
    const place = this.places.get(type) ?? this.places.size + 1
    this.places.set(type, place)
    return place
  }
}
