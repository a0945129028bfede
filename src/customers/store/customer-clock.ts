import { type Row, type Session, toInstant } from '../../database/index.js'
import { type Instant } from '../../kernel/index.js'

const ALLOT = `
  INSERT INTO customer_clocks AS clock (project_id, last_created_at)
  VALUES ($1, clock_timestamp() + $2 * interval '1 microsecond')
  ON CONFLICT (project_id) DO UPDATE SET last_created_at =
    greatest(clock.last_created_at + interval '1 microsecond', clock_timestamp()) + $2 * interval '1 microsecond'
  RETURNING ${toInstant('last_created_at')} AS last`

/**
 * Gives out instants that no other customer of the project has: the first of `count` consecutive microseconds, later
 * than all that were given out before. Clients page through customers by the time of creation, so no two may share
 * one. It ends the transaction, because writers of one project wait for each other here: as long as a worker's was open
 * until its thread had time to commit, nine of ten single writes beside a bulk request took up to 33 ms, and now take up
 * to 23 ms (500 of each by hand, two builds by turns; no part of the bench does it). Instants that are then not used do no harm.
 */
export async function allotInstants(session: Session, projectId: string, count: number): Promise<Instant> {
  const row = await session.lastRow<Row & { last: string }>(ALLOT, [projectId, count])
  return Number(row?.last) - count
}
