import { type Session } from '../database/index.js'

/** The rights are the function's own: who appends events owns no index. */
export async function sortInKeys(session: Session): Promise<void> {
  await session.row('SELECT sort_in_keys()')
}
