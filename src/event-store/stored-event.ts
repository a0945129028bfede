import { type Row, toInstant } from '../database/index.js'
import { type JsonObject } from '../kernel/index.js'
import { type EventTypeRegistry } from './event-types.js'
import { type RecordedEvent } from './recorded-event.js'

/** The columns every read of events selects. */
export const EVENT_COLUMNS = `project_id, stream_id, version, type, schema_version, data, correlation_id, causation_id,
  ${toInstant('occurred_at')} AS occurred_at, transaction_id::text, global_position`

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
  global_position: string
}

export const toRecordedEvent = (types: EventTypeRegistry, stored: StoredEvent): RecordedEvent => ({
  projectId: stored.project_id,
  streamId: stored.stream_id,
  version: stored.version,
  type: stored.type,
  data: types.upcast(stored.type, stored.schema_version, JSON.parse(stored.data) as JsonObject),
  correlationId: stored.correlation_id,
  causationId: stored.causation_id,
  occurredAt: Number(stored.occurred_at),
  transactionId: stored.transaction_id,
  globalPosition: stored.global_position,
})
