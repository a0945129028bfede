import { Injectable } from '@nestjs/common'
import { Database, type Row } from '../../database/index.js'

/** Long enough for whoever finds the logs of a bad weekend on Monday; then the key is free again. */
const KEPT = `interval '7 days'`
/** By the time of the transaction: by clock_timestamp() each key is looked at, which took 70 ms for 200,000 of them. */
const IS_OLD = `created_at < now() - ${KEPT}`

/** Keys that one look removes at most; the next look takes the rest. */
const KEYS_PER_LOOK = 10_000

const PROJECTS_WITH_OLD_KEYS = `
  SELECT DISTINCT project_id FROM (
    SELECT project_id FROM idempotency_keys WHERE ${IS_OLD}
    ORDER BY created_at LIMIT ${KEYS_PER_LOOK}) old`

/** A key that somebody else is removing is theirs. */
const REMOVE = `
  DELETE FROM idempotency_keys WHERE ctid = ANY (ARRAY(
    SELECT ctid FROM idempotency_keys WHERE project_id = $1 AND ${IS_OLD}
    ORDER BY created_at LIMIT ${KEYS_PER_LOOK} FOR UPDATE SKIP LOCKED))`

/** Forgets the keys of requests that nobody will repeat any more. */
@Injectable()
export class IdempotencyKeySweeper {
  constructor(private readonly database: Database) {}

  /** One look, of which several may go on at the same time; returns how many keys it removed. */
  async sweep(): Promise<number> {
    const projects = await this.database.acrossProjects((session) =>
      session.rows<Row & { project_id: string }>(PROJECTS_WITH_OLD_KEYS),
    )
    let removed = 0
    for (const { project_id } of projects) {
      removed += await this.database.inProject(project_id, (session) => session.execute(REMOVE, [project_id]))
    }
    return removed
  }
}
