import { type Session } from '../database/index.js'
import { type EventTypeRegistry } from './event-types.js'
import { type RecordedEvent } from './recorded-event.js'
import { EVENT_COLUMNS, type StoredEvent, toRecordedEvent } from './stored-event.js'

/**
 * A place in the log: that of an append, whose events are read all together. Transaction id first: positions are given
 * out before a commit, so that a lower one may become visible later. The epoch counts restores, after which transaction
 * ids start anew.
 */
export interface LogPosition {
  readonly epoch: number
  readonly transactionId: string
  readonly appendPosition: string
}

export const START_OF_LOG: LogPosition = { epoch: 1, transactionId: '0', appendPosition: '0' }

/**
 * Below the oldest running transaction nothing can appear any more: what is read there is read for good. The order
 * names the table, because `transaction_id` alone were the text that is selected, in which 10 comes before 9.
 */
const READ_LOG = `
  SELECT ${EVENT_COLUMNS} FROM (
    SELECT * FROM appends
    WHERE (transaction_id, position) > ($1::xid8, $2::bigint)
      AND transaction_id < pg_snapshot_xmin(pg_current_snapshot())
    ORDER BY transaction_id, position LIMIT $3) append
  CROSS JOIN LATERAL unnest(stream_ids, versions) WITH ORDINALITY AS listed (stream_id, version, place)
  LEFT JOIN LATERAL (
    SELECT * FROM events WHERE project_id = append.project_id AND stream_id = listed.stream_id
      AND version = listed.version LIMIT 1) events ON true
  ORDER BY append.transaction_id, append.position, listed.place`

export async function readLog(
  session: Session,
  types: EventTypeRegistry,
  after: LogPosition,
  limit: number,
): Promise<RecordedEvent[]> {
  await refuseOtherEpoch(session, after)
  const stored = await session.rows<StoredEvent>(READ_LOG, [after.transactionId, after.appendPosition, limit])
  return stored.map((event) => toRecordedEvent(types, event))
}

async function refuseOtherEpoch(session: Session, after: LogPosition): Promise<void> {
  const installation = await session.row<{ log_epoch: number }>('SELECT log_epoch FROM installation')
  if (installation?.log_epoch !== after.epoch) {
    throw new Error(
      'The position is of another epoch: the database was restored. Read the log from its start.',
    )
  }
}
