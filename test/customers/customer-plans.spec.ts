import { WORKER_SESSION } from '../../src/config/index.js'
import { CUSTOMER_EVENT_TYPES } from '../../src/customers/domain/customer.events.js'
import { decideRows } from '../../src/customers/domain/decide-rows.js'
import { findByTimeOfChange } from '../../src/customers/list/by-time-of-change.read-model.js'
import {
  type CustomerConditions,
  findCustomers,
  type Order,
} from '../../src/customers/list/customer-list.read-model.js'
import { findCustomer } from '../../src/customers/show/customer.read-model.js'
import { CustomerRepository } from '../../src/customers/store/customer.repository.js'
import { type Row, type Session } from '../../src/database/index.js'
import { firstCustomerIdOf, type Instant, newCustomerId } from '../../src/kernel/index.js'
import { eventStoreOf } from '../support/event.factory.js'
import { openStore, type TestStore } from '../support/test-store.factory.js'

const customers = new CustomerRepository(eventStoreOf(CUSTOMER_EVENT_TYPES))
const PRESENT = 20_000
const TOUCHED = 200

/** Makes customers without more ado: what is tested is how they are found. */
const INSERT = `
  INSERT INTO customers (project_id, id, source_id, version, created_at, document)
  SELECT $1, 'cust_' || n, $3 || n, 1, now() + n * interval '1 microsecond', '{}' FROM generate_series(1, $2) n`
const INSERT_MORE = INSERT.replace("'cust_'", "'cust_more_'")
const INSERT_EVENTS = `
  INSERT INTO events (project_id, stream_id, version, type, schema_version, data, occurred_at)
  SELECT $1, 'cust_' || n, 1, 'CustomerUpserted', 1, '{}', now() FROM generate_series(1, $2) n`

/** Once each, after all of them were made. */
const CHANGE_ALL = [
  `INSERT INTO events (project_id, stream_id, version, type, schema_version, data, occurred_at)
   SELECT project_id, id, 2, 'CustomerUpdated', 1, '{}', created_at + interval '1 day' FROM customers
   WHERE project_id = $1`,
  `UPDATE customers SET version = 2, updated_at = created_at + interval '1 day' WHERE project_id = $1`,
]

/** Rows that were read and not reported yet, as PostgreSQL itself counts them: some may be of transactions before. */
async function rowsRead(session: Session): Promise<number> {
  const row = await session.row<Row & { count: string }>(
    `SELECT sum(coalesce(seq_tup_read, 0) + coalesce(idx_tup_fetch, 0)) AS count
     FROM pg_stat_xact_user_tables WHERE relname IN ('customers', 'events', 'appends')`,
  )
  return Number(row?.count)
}

/** How many rows are read by some work. */
async function rowsReadBy(session: Session, work: () => Promise<void>): Promise<number> {
  const before = await rowsRead(session)
  await work()
  return (await rowsRead(session)) - before
}

/** How many rows are read when these customers get that name. */
const upsert = (
  store: TestStore,
  projectId: string,
  sourceIds: readonly string[],
  name: string,
): Promise<number> =>
  store.database.inProject(projectId, (session) =>
    rowsReadBy(session, async () => {
      const bySourceId = await customers.load(session, projectId, sourceIds)
      const rows = sourceIds.map((sourceId) => ({ sourceId, changes: { name }, occurredAt: 1 }))
      const { changed } = decideRows(rows, { bySourceId, byId: new Map() }, newCustomerId)
      expect(changed).toHaveLength(sourceIds.length)
      const causes = { projectId, correlationId: 'v-1', causationId: 'aa_1' }
      await customers.writeOut(causes, changed).send(session)
    }),
  )

/** How many rows are read to find these customers by their ids, and, wanted so, to lock them. */
const loadById = (
  store: TestStore,
  projectId: string,
  ids: readonly string[],
  lock = false,
): Promise<number> =>
  store.database.inProject(projectId, (session) =>
    rowsReadBy(session, async () => {
      expect((await customers.loadById(session, projectId, ids, lock)).size).toBe(ids.length)
    }),
  )

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
    const ids = wanted.map((name) => name.replace('source-', 'cust_'))
    expect(await loadById(store, projectId, ids)).toBeLessThan(10 * TOUCHED)
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

const BY_INDEX: Order[] = ['created_at', '-created_at', 'source_id', '-source_id']
const BY_CHANGE = ['updated_at', '-updated_at'] as const
/** Rows of a page; each may be met in two tables, and by way of others. */
const PAGE = 10
const NEAR = 5 * PAGE

/** How many rows are read for the first page of a project: of all customers, or of those that a condition leaves. */
const readPage = (
  store: TestStore,
  projectId: string,
  order: Order,
  conditions: Partial<CustomerConditions> = {},
): Promise<number> =>
  store.database.atOneMoment(projectId, (session) =>
    rowsReadBy(session, async () => {
      const all = { searched: {}, created: {}, updated: {}, ...conditions }
      const page = await findCustomers(session, projectId, all, { order, offset: 0, limit: PAGE })
      expect(page).toHaveLength(PAGE)
    }),
  )

/** How many rows are read for the first page in the order of the last changes. */
const readChanged = (
  store: TestStore,
  projectId: string,
  order: (typeof BY_CHANGE)[number],
): Promise<number> =>
  store.database.atOneMoment(projectId, (session) =>
    rowsReadBy(session, async () => {
      const page = await findByTimeOfChange(session, projectId, { order, offset: 0, limit: PAGE })
      expect(page).toHaveLength(PAGE)
    }),
  )

/** How many rows are read for one customer. */
const readOne = (store: TestStore, projectId: string, name: string): Promise<number> =>
  store.database.atOneMoment(projectId, (session) =>
    rowsReadBy(session, async () => {
      expect(await findCustomer(session, projectId, name)).toBeDefined()
    }),
  )

async function inTurn<T, R>(items: readonly T[], work: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = []
  for (const item of items) results.push(await work(item))
  return results
}

/** The last instant at which whoever was created has a lesser id than this. */
function lastInstantBefore(id: string): Instant {
  let [before, after] = [0, Number.MAX_SAFE_INTEGER]
  while (after - before > 1) {
    const middle = Math.floor((before + after) / 2)
    if (firstCustomerIdOf(middle) < id) before = middle
    else after = middle
  }
  return before
}

/** Were plans not made anew, PostgreSQL could keep one from the sixth turn on. */
const TURNS = [1, 2, 3, 4, 5, 6, 7, 8]

describe('With all customers newer than any statistics, in the API', () => {
  let store: TestStore
  let projectId: string

  beforeAll(async () => {
    store = await openStore(1)
    for (const table of ['customers', 'events', 'appends'])
      await store.query(`ALTER TABLE ${table} SET (autovacuum_enabled = off)`)
    projectId = await store.newProject()
    await store.query(INSERT, [projectId, PRESENT, 'source-'])
    for (const change of CHANGE_ALL) await store.query(change, [projectId])
  }, 60_000)
  afterAll(() => store.close())

  it.each(BY_INDEX)('a page in the order of %s reads no other page', async (order) => {
    const read = await inTurn(TURNS, () => readPage(store, projectId, order))
    expect(Math.max(...read)).toBeLessThan(NEAR)
  })

  it.each(BY_CHANGE)('a page in the order of %s reads no other page', async (order) => {
    const read = await inTurn(TURNS, () => readChanged(store, projectId, order))
    // Twice, because the first look at appends does not fill the page where each changed one customer.
    expect(Math.max(...read)).toBeLessThan(2 * NEAR)
  })

  it('a page of those created after an instant reads no other page', async () => {
    const read = await inTurn(TURNS, () =>
      readPage(store, projectId, '-created_at', { created: { after: 1 } }),
    )
    expect(Math.max(...read)).toBeLessThan(NEAR)
  })

  it.each(BY_INDEX)(
    'few of those created last are found in the order of %s without reading others',
    async (order) => {
      const created = { after: lastInstantBefore('cust_9989') }
      const read = await inTurn(TURNS, () => readPage(store, projectId, order, { created }))
      expect(Math.max(...read)).toBeLessThan(NEAR)
    },
  )

  it('those changed after an instant are found without reading others', async () => {
    const [last] = await store.query<{ at: string }>(
      `SELECT (extract(epoch FROM max(updated_at)) * 1e6)::bigint AS at FROM customers`,
    )
    const updated = { after: Number(last?.at) - PAGE }
    const read = await inTurn(TURNS, () => readPage(store, projectId, '-created_at', { updated }))
    expect(Math.max(...read)).toBeLessThan(NEAR)
  })
})

describe.each([300, 3_000, PRESENT])('With statistics of a table that was nearly empty, of %i', (size) => {
  const touched = Math.min(TOUCHED, size / 10)
  let store: TestStore
  let projectId: string

  beforeAll(async () => {
    store = await openStore(3, WORKER_SESSION)
    await store.query('ALTER TABLE customers SET (autovacuum_enabled = off)')
    projectId = await store.newProject()
    await store.query(INSERT, [projectId, size, 'source-'])
    // The last customer stays, so that VACUUM cannot shorten the table and counts one customer on all its pages.
    await store.query(INSERT_MORE, [projectId, 1, 'last-'])
    await store.query(`DELETE FROM customers WHERE source_id LIKE 'source-%'`)
    await store.query('VACUUM ANALYZE customers')
    await store.query(INSERT, [projectId, size, 'source-'])
    await store.query(INSERT_EVENTS, [projectId, size])
  }, 60_000)
  afterAll(() => store.close())

  it('a chunk reads the customers it names and no others, by either id', async () => {
    const names = Array.from({ length: touched }, (_, n) => `source-${String(n * 10 + 1)}`)
    const ids = names.map((name) => name.replace('source-', 'cust_'))
    expect(await loadById(store, projectId, ids)).toBeLessThan(10 * touched)
    expect(await loadById(store, projectId, ids, true)).toBeLessThan(10 * touched)
    expect(await upsert(store, projectId, names, 'new')).toBeLessThan(10 * touched)
  })
})

describe('With statistics of many projects whose customers have the same two source_id', () => {
  it('a chunk of a project that is newer reads the customers it names and no others', async () => {
    const store = await openStore(3, WORKER_SESSION)
    try {
      await store.query('ALTER TABLE customers SET (autovacuum_enabled = off)')
      await store.query(
        `INSERT INTO projects (id, name) SELECT gen_random_uuid(), 'same ' || n FROM generate_series(1, 5000) n`,
      )
      await store.query(
        `INSERT INTO customers (project_id, id, source_id, version, created_at, document)
         SELECT id, 'cust_' || n, 'source-' || n, 1, now(), '{}' FROM projects, generate_series(1, 2) n`,
      )
      await store.query('VACUUM ANALYZE customers')
      const projectId = await store.newProject()
      await store.query(INSERT, [projectId, PRESENT, 'source-'])
      await store.query(INSERT_EVENTS, [projectId, PRESENT])
      expect(await upsert(store, projectId, wanted, 'new')).toBeLessThan(10 * TOUCHED)
    } finally {
      await store.close()
    }
  }, 60_000)
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

  it('a look at one customer or at a page reads no others', async () => {
    const store = await openStore(1, settings)
    try {
      await store.query('ALTER TABLE customers SET (autovacuum_enabled = off)')
      const projectId = await store.newProject()
      await store.query(INSERT, [projectId, 10, 'early-'])
      const read = async (): Promise<number[]> => [
        await readOne(store, projectId, 'early-7'),
        ...(await inTurn(BY_INDEX, (order) => readPage(store, projectId, order))),
      ]
      for (let turn = 0; turn < 15; turn++) await read()
      await store.query(INSERT_MORE, [projectId, PRESENT, 'source-'])
      for (let turn = 0; turn < 3; turn++) expect(Math.max(...(await read()))).toBeLessThan(NEAR)
    } finally {
      await store.close()
    }
  })
})
