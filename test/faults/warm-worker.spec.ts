import { eventually, Rollcall } from '../support/rollcall.js'

const CUSTOMERS = 4_000
/** Loading, updating and the look at the version before: each customer is met a few times, its neighbours never. */
const READS_PER_CUSTOMER = 10

/** Rows that PostgreSQL read of a table, one after another or through an index. */
const READ = `
  SELECT sum(coalesce(seq_tup_read, 0) + coalesce(idx_tup_fetch, 0))::int AS count
  FROM pg_stat_user_tables WHERE relname IN ('customers', 'events')`

describe('a worker that knows the tables for long', () => {
  let rollcall: Rollcall

  beforeEach(async () => {
    rollcall = await Rollcall.start({ env: { CHUNK_BYTES: '20000' } })
  })
  afterEach(() => rollcall.stop())

  const customers = (revision: number, count = CUSTOMERS) =>
    Array.from({ length: count }, (_, n) => ({ source_id: `c-${n}`, metadata: { revision } }))

  /** A connection reports what it has read when it ends. */
  async function rowsRead(): Promise<number> {
    await rollcall.stopWorkers()
    await eventually('the workers are gone', async () => {
      const left = await rollcall.query(
        `SELECT FROM pg_stat_activity WHERE datname = current_database() AND application_name LIKE '%worker%'`,
      )
      return left.length === 0 ? true : undefined
    })
    return (await rollcall.query<{ count: number }>(READ))[0]?.count ?? 0
  }

  it('reads no more than it needs when they were emptied and vacuumed meanwhile', async () => {
    const run = async (revision: number, count?: number) =>
      rollcall.finished(await rollcall.bulk(customers(revision, count)))
    for (const revision of [1, 2, 3, 4, 5, 6]) await run(revision, 100)
    await rollcall.query('DELETE FROM customers')
    await rollcall.query('BEGIN; SET LOCAL session_replication_role = replica; DELETE FROM events; COMMIT')
    await rollcall.query('VACUUM ANALYZE customers, events')

    await run(1)
    await run(2)
    expect(await rowsRead()).toBeLessThan(2 * READS_PER_CUSTOMER * CUSTOMERS)
  })
})
