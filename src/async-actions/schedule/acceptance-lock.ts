import { type Session } from '../../database/index.js'

/**
 * Lets one transaction of a project at a time accept an action or give up its lane, until its end. Without it,
 * of two overlapping requests the later position could be visible first and start before the earlier one.
 */
export async function lockAcceptance(session: Session, projectId: string): Promise<void> {
  await session.rows(`SELECT pg_advisory_xact_lock(hashtextextended('accept:' || $1, 0))`, [projectId])
}
