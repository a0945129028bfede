import { type Session } from '../database/index.js'

/** The rights are the function's own: who appends events owns no index. */
export async function sortInSearchKeys(session: Session): Promise<void> {
  await session.row('SELECT sort_in_search_keys()')
}
