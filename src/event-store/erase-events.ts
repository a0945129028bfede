import { type Row, type Session } from '../database/index.js'
import { type EventTypeRegistry } from './event-types.js'

/** Which events of a stream are to be erased, and what remains of their data. */
export interface Erasure {
  readonly streamId: string
  /** Only events of this type. */
  readonly type: string
  /** Only the event of this version; without it all of the type. */
  readonly version?: number
  /** In the current schema version, so that whoever reads the event goes on understanding it. */
  readonly data: object
}

/** The one function of the database that may change events. */
const ERASE = 'SELECT erase_events($1, $2, $3, $4, $5, $6) AS erased'

export async function eraseEvents(
  session: Session,
  types: EventTypeRegistry,
  projectId: string,
  { streamId, type, version, data }: Erasure,
): Promise<number> {
  const row = await session.row<Row & { erased: number }>(ERASE, [
    projectId,
    streamId,
    type,
    version ?? null,
    types.currentVersion(type),
    JSON.stringify(data),
  ])
  return row?.erased ?? 0
}
