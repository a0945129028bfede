import { type Session } from '../../database/index.js'

/**
 * For the rest of the transaction: what an index gives in the order that is asked for is not read as a whole and sorted.
 * Until tables are analyzed after a large request, PostgreSQL takes a project to have a handful of customers and appends,
 * and would do that for each page: 210 to 350 ms of 320,000 customers, where the index gives a page in 3 to 15.
 * What must sort all the same, as a page of what several appends hold, seems very dear before PostgreSQL 18: so dear that
 * it would be compiled first.
 */
export async function preferIndexOrder(session: Session): Promise<void> {
  await session.row(`SELECT set_config('enable_sort', 'off', true), set_config('jit', 'off', true)`)
}
