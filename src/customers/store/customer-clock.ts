import { Injectable } from '@nestjs/common'
import { Database, type Row } from '../../database/index.js'
import { type Instant } from '../../kernel/index.js'

/** In a transaction of its own: nobody waits for a chunk to commit, and a gap in the instants does no harm. */
const ALLOT = `
  INSERT INTO customer_clocks AS clock (project_id, last_created_at)
  VALUES ($1, clock_timestamp() + $2 * interval '1 microsecond')
  ON CONFLICT (project_id) DO UPDATE SET last_created_at =
    greatest(clock.last_created_at + interval '1 microsecond', clock_timestamp()) + $2 * interval '1 microsecond'
  RETURNING (extract(epoch FROM last_created_at) * 1000000)::bigint AS last`

/**
 * Gives out instants that no other customer of the project has. Clients page through customers by the time of
 * creation, so no two may share one.
 */
@Injectable()
export class CustomerClock {
  constructor(private readonly database: Database) {}

  /** The first of `count` consecutive microseconds, later than all that were given out before. */
  async allot(projectId: string, count: number): Promise<Instant> {
    const last = await this.database.inProject(projectId, async (session) => {
      // Lost in a crash, the instants are given out again only after the clock has passed them.
      await session.rows('SET LOCAL synchronous_commit = off')
      return (await session.row<Row & { last: string }>(ALLOT, [projectId, count]))?.last
    })
    return Number(last) - count
  }
}
