import { textArray, timestamptzArray } from '../../../database/index.js'
import {
  appendEvents,
  type EventContext,
  EventKeys,
  type EventStore,
  type Pending,
} from '../../../event-store/index.js'
import { searchKeys } from '../search-keys.js'
import { createdAt, idOf, storedDocument, type WrittenCustomer } from './written-customer.js'

/**
 * New customers with one event each, as nearly all new ones are. The event's attributes are the very document: written
 * out, sent and read once for both tables.
 */
const CREATE = `
  WITH created AS MATERIALIZED (
    SELECT * FROM unnest($6::text[], $7::text[], $8::timestamptz[], $9::text[])
      AS c (id, source_id, created_at, document)
  ), ${appendEvents({
    streamIds: '$6',
    versions: 'array_fill(1, ARRAY[cardinality($6::text[])])',
    occurredAt: '$8',
    keys: '$10',
    source: `(
      SELECT id AS stream_id, 1 AS version, created_at AS occurred_at,
        '{"source_id":' || coalesce(to_json(source_id)::text, 'null') || ',"attributes":' || document || '}' AS data
      FROM created) AS first`,
  })}
  INSERT INTO customers (project_id, id, source_id, version, created_at, document)
  SELECT $1, id, source_id, 1, created_at, document FROM created`

export function createCustomers(
  events: EventStore,
  context: EventContext,
  created: readonly WrittenCustomer[],
): Pending {
  const keys = new EventKeys()
  for (const { state } of created) keys.add(searchKeys(context.projectId, state.document))
  const parameters = [
    textArray(created.map(idOf)),
    textArray(created.map(({ state }) => state.sourceId)),
    timestamptzArray(created.map(createdAt)),
    textArray(created.map(storedDocument)),
    keys.toParameter(),
  ]
  const statement = { type: 'CustomerUpserted', sql: CREATE, parameters }
  return (session) => events.appendWith(session, context, statement).then(() => undefined)
}
