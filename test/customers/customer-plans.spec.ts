import { WORKER_SESSION } from '../../src/config/index.js'
import { CUSTOMER_EVENT_TYPES } from '../../src/customers/domain/customer.events.js'
import { decideRows } from '../../src/customers/domain/decide-rows.js'
import { findCustomer } from '../../src/customers/show/customer.read-model.js'
import { CustomerRepository } from '../../src/customers/store/customer.repository.js'
import { type Row, type Session } from '../../src/database/index.js'
import { newCustomerId } from '../../src/kernel/index.js'
import { eventStoreOf } from '../support/event.factory.js'
import { openStore, type TestStore } from '../support/test-store.factory.js'

const customers = new CustomerRepository(eventStoreOf(CUSTOMER_EVENT_TYPES))
const PRESENT = 20_000
const TOUCHED = 200

/** Makes customers without more ado: what is tested is how they are found. */
const INSERT = `
  INSERT INTO customers (project_id, id, source_id, version, created_at, document)
  SELECT $1, 'cust_' || n, $3 || n, 1, now() + n * interval '1 microsecond', '{}' FROM generate_series(1, $2) n`
const INSERT_EVENTS = `
  INSERT INTO events (project_id, stream_id, version, type, schema_version, data, occurred_at)
  SELECT $1, 'cust_' || n, 1, 'CustomerUpserted', 1, '{}', now() FROM generate_series(1, $2) n`

/** Rows that were read and not reported yet, as PostgreSQL itself counts them: some may be of transactions before. */
async function rowsRead(session: Session): Promise<number> {
  const row = await session.row<Row & { count: string }>(
    `SELECT sum(coalesce(seq_tup_read, 0) + coalesce(idx_tup_fetch, 0)) AS count
     FROM pg_stat_xact_user_tables WHERE relname IN ('customers', 'events')`,
  )
  return Number(row?.count)
}

/** How many rows are read when these customers get that name. */
const upsert = (
  store: TestStore,
  projectId: string,
  sourceIds: readonly string[],
  name: string,
): Promise<number> =>
  store.database.inProject(projectId, async (session) => {
    const before = await rowsRead(session)
    const bySourceId = await customers.load(session, projectId, sourceIds)
    const rows = sourceIds.map((sourceId) => ({ sourceId, changes: { name }, occurredAt: 1 }))
    const { changed } = decideRows(rows, { bySourceId, byId: new Map() }, newCustomerId)
    expect(changed).toHaveLength(sourceIds.length)
    const causes = { projectId, correlationId: 'v-1', causationId: 'aa_1' }
    await customers.writeOut(causes, changed).send(session)
    return (await rowsRead(session)) - before
  })

const wanted = Array.from({ length: TOUCHED }, (_, n) => `source-${String(n * 100 + 1)}`)

const CONNECTIONS: [string, Record<string, string>][] = [
  ['a worker', WORKER_SESSION],
  ['the API', {}],
]

describe.each(CONNECTIONS)('With statistics older than the project, in %s', (_, settings) => {
  let store: TestStore
  let projectId: string

  beforeAll(async () => {
    store = await openStore(3, settings)
    const earlier = await store.newProject()
    await store.query(INSERT, [
      earlier,
      5_000,
      'a much longer source_id that makes the index taller '.repeat(4),
    ])
    await store.query(INSERT_EVENTS, [earlier, 5_000])
    await store.query('VACUUM ANALYZE')
    projectId = await store.newProject()
    await store.query(INSERT, [projectId, PRESENT, 'source-'])
    await store.query(INSERT_EVENTS, [projectId, PRESENT])
  }, 60_000)
  afterAll(() => store.close())

  it('a chunk reads the customers it names and no others', async () => {
    expect(await upsert(store, projectId, wanted, 'new')).toBeLessThan(10 * TOUCHED)
  })

  it('a customer is found by its source_id, by its id, or not at all without reading others', async () => {
    await store.database.inProject(projectId, async (session) => {
      const before = await rowsRead(session)
      expect(await findCustomer(session, projectId, 'source-77')).toMatchObject({ id: 'cust_77' })
      expect(await findCustomer(session, projectId, 'cust_77')).toMatchObject({ sourceId: 'source-77' })
      expect(await findCustomer(session, projectId, 'nobody')).toBeUndefined()
      expect((await rowsRead(session)) - before).toBeLessThan(10)
    })
  })
})

describe.each(CONNECTIONS)('With plans older than nearly all customers, in %s', (_, settings) => {
  it('a change of one customer reads no others', async () => {
    const store = await openStore(1, settings)
    try {
      await store.query('ALTER TABLE customers SET (autovacuum_enabled = off)')
      const projectId = await store.newProject()
      // PostgreSQL may keep a plan after five executions.
      for (let turn = 0; turn < 15; turn++) await upsert(store, projectId, ['ada'], `name ${turn}`)
      await store.query(INSERT, [projectId, PRESENT, 'source-'])
      for (let turn = 0; turn < 3; turn++)
        expect(await upsert(store, projectId, ['ada'], `later name ${turn}`)).toBeLessThan(20)
    } finally {
      await store.close()
    }
  })
})
