import { type Row, toInstant } from '../database/index.js'
import { type JsonObject } from '../kernel/index.js'
import { type EventTypeRegistry } from './event-types.js'
import { type RecordedEvent } from './recorded-event.js'

/** Every read of events selects these columns from {@link EVENTS}. */
export const EVENT_COLUMNS = `events.project_id, events.stream_id, events.version, type, schema_version, data,
  coalesce(events.correlation_id, append.correlation_id) AS correlation_id,
  coalesce(events.causation_id, append.causation_id) AS causation_id,
  ${toInstant('occurred_at')} AS occurred_at, append.transaction_id::text, append.position AS append_position`

/**
 * Events with what their append says of them. Those of releases that knew no appends have their causes themselves; their
 * append is the first of their transaction, because numbers of transactions start anew where a database is restored.
 * LIMIT makes every plan look it up, whatever is known of the tables' sizes, and a comparison of projects that no index
 * serves makes it do so by transaction: as long as nothing was known, a page of 500 of them took 37 s.
 */
export const EVENTS = `events LEFT JOIN LATERAL (
    SELECT correlation_id, causation_id, transaction_id, position FROM appends
    WHERE appends.project_id = events.project_id AND appends.position = events.append_position
    UNION ALL
    (SELECT correlation_id, causation_id, transaction_id, position FROM appends
    WHERE events.append_position IS NULL AND appends.transaction_id = events.transaction_id
      AND appends.project_id IS NOT DISTINCT FROM events.project_id
    ORDER BY position LIMIT 1)
    LIMIT 1) append ON true`

export interface StoredEvent extends Row {
  project_id: string
  stream_id: string
  version: number
  type: string
  schema_version: number
  data: string
  correlation_id: string | null
  causation_id: string | null
  occurred_at: string
  transaction_id: string
  append_position: string
}

/** Throws where an event has no append, or an append not all of its events: something other than Rollcall removed them. */
export function toRecordedEvent(types: EventTypeRegistry, stored: StoredEvent): RecordedEvent {
  if (!isWhole(stored)) {
    throw new Error(`Event or append is missing: ${stored.stream_id} at ${stored.transaction_id}.`)
  }
  return {
    projectId: stored.project_id,
    streamId: stored.stream_id,
    version: stored.version,
    type: stored.type,
    data: types.upcast(stored.type, stored.schema_version, JSON.parse(stored.data) as JsonObject),
    correlationId: stored.correlation_id,
    causationId: stored.causation_id,
    occurredAt: Number(stored.occurred_at),
    transactionId: stored.transaction_id,
    appendPosition: stored.append_position,
  }
}

/** What a join found nothing for is null, whatever the type says. */
const isWhole = ({ version, append_position }: StoredEvent): boolean =>
  version > 0 && Number(append_position) > 0
