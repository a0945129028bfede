import fc from 'fast-check'
import { type CustomerEvent, CUSTOMER_EVENT_TYPES } from '../../src/customers/domain/customer.events.js'
import { type CustomerRow } from '../../src/customers/domain/customer-row.js'
import { type Customer, customerDecider } from '../../src/customers/domain/customer.js'
import { type ChangedCustomer, decideRows } from '../../src/customers/domain/decide-rows.js'
import { allotInstants } from '../../src/customers/store/customer-clock.js'
import { CustomerRepository } from '../../src/customers/store/customer.repository.js'
import { type Session } from '../../src/database/index.js'
import { VersionConflictError } from '../../src/event-store/index.js'
import { fold, newCustomerId, type RowOutcome } from '../../src/kernel/index.js'
import { CAUSED_EVENTS } from '../support/caused-events.js'
import { anyRows } from '../support/customer.factory.js'
import { eventStoreOf } from '../support/event.factory.js'
import { openStore, type TestStore } from '../support/test-store.factory.js'

const events = eventStoreOf(CUSTOMER_EVENT_TYPES)
const customers = new CustomerRepository(events)
let store: TestStore
let projectId: string

beforeAll(async () => {
  store = await openStore()
})
beforeEach(async () => {
  projectId = await store.newProject()
})
afterAll(() => store.close())

const named = (sourceId: string, name: string): CustomerRow => ({ sourceId, changes: { name } })
const context = () => ({ projectId, correlationId: 'v-1', causationId: 'aa_1' })
async function save(session: Session, changed: readonly ChangedCustomer[]): Promise<void> {
  const writes = customers.writeOut(context(), changed)
  await writes.send(session)
  await writes.addToTotal(session)
}

/** Loads and decides, as a chunk does, without writing. */
async function decide(session: Session, rows: readonly CustomerRow[]) {
  const sourceIds = rows.map(({ sourceId }) => sourceId)
  const loaded = await customers.load(session, projectId, [...new Set(sourceIds)])
  const start = await store.database.inProject(projectId, (own) => allotInstants(own, projectId, rows.length))
  const timed = rows.map((row, index) => ({ ...row, occurredAt: start + index }))
  return decideRows(timed, { bySourceId: loaded, byId: new Map() }, newCustomerId)
}

const apply = (...rows: CustomerRow[]): Promise<RowOutcome[]> =>
  store.database.inProject(projectId, async (session) => {
    const { outcomes, changed } = await decide(session, rows)
    await save(session, changed)
    return outcomes
  })

const load = (...sourceIds: string[]) =>
  store.database.inProject(projectId, (session) => customers.load(session, projectId, sourceIds))

const nameOf = async (sourceId: string): Promise<string | undefined> =>
  (await load(sourceId)).get(sourceId)?.state.document.name

interface StoredCustomer extends Record<string, unknown> {
  id: string
  source_id: string
  version: number
  document: object
  created_at: string
  updated_at: string | null
}

/** An address that is not there is stored as nothing at all. */
const rowsOf = async (): Promise<StoredCustomer[]> => {
  const rows = await store.query<StoredCustomer>(
    `SELECT id, source_id, version, document::json, (extract(epoch FROM created_at) * 1000000)::bigint AS created_at,
       (extract(epoch FROM updated_at) * 1000000)::bigint AS updated_at FROM customers WHERE project_id = $1 ORDER BY id`,
    [projectId],
  )
  return rows.map((row) => ({ ...row, document: { address: null, ...row.document } }))
}

/** The same rows, made from nothing but the log. */
async function replayed(): Promise<StoredCustomer[]> {
  const streams = await store.query<{ stream_id: string }>(
    'SELECT DISTINCT stream_id FROM events WHERE project_id = $1 ORDER BY stream_id',
    [projectId],
  )
  return Promise.all(streams.map(({ stream_id }) => replay(stream_id)))
}

async function replay(id: string): Promise<StoredCustomer> {
  const history = await store.database.inProject(projectId, (session) =>
    events.readStream(session, projectId, id),
  )
  const initial: Customer = customerDecider.initialState
  const state = fold(customerDecider, initial, history as unknown as CustomerEvent[])
  if (state.kind !== 'known') throw new Error(`${id} is ${state.kind}.`)
  const times = history.map(({ occurredAt }) => String(occurredAt))
  return {
    id,
    source_id: String(state.sourceId),
    version: history.length,
    document: state.document,
    created_at: times[0] ?? '',
    updated_at: times.length > 1 ? (times.at(-1) ?? '') : null,
  }
}

const counted = async (): Promise<number> => {
  const [row] = await store.query<{ customers: string }>(
    'SELECT customers FROM customer_counters WHERE project_id = $1',
    [projectId],
  )
  return Number(row?.customers ?? 0)
}

describe('Customers', () => {
  it('are loaded as they were saved', async () => {
    const changes = {
      name: 'Ada',
      birthdate: '1815-12-10',
      address: { city: 'London', country: null },
      metadata: { lang: 'en', nested: [{ deep: null }], '': '😀' },
    }
    await apply({ sourceId: 'ada', changes })
    expect(await load('ada')).toEqual(
      new Map([
        [
          'ada',
          {
            id: expect.stringMatching(/^cust_/) as string,
            version: 1,
            place: expect.any(Number) as number,
            changedAt: expect.any(Number) as number,
            state: { kind: 'known', sourceId: 'ada', document: changes },
          },
        ],
      ]),
    )
  })

  it('that are not there are not loaded', async () => {
    await apply(named('ada', 'Ada'))
    expect([...(await load('ada', 'Ada', 'ada ', '')).keys()]).toEqual(['ada'])
    expect(await load()).toEqual(new Map())
  })

  it('of another project are not loaded, nor changed', async () => {
    await apply(named('ada', 'Ada'))
    const first = projectId
    projectId = await store.newProject()
    expect(await load('ada')).toEqual(new Map())
    expect(await apply(named('ada', 'Other'))).toMatchObject([{ found: false }])
    projectId = first
    expect(await nameOf('ada')).toBe('Ada')
  })

  it.each([
    '__proto__',
    `'; DROP TABLE customers; --`,
    '{a,"b"}',
    'caf\u00e9',
    'cafe\u0301',
    ' ',
    '\u202e',
    '😀',
    'NULL',
  ])('may be named %j, and are found under exactly that name', async (sourceId) => {
    await apply(named(sourceId, 'x'), named(`${sourceId} `, 'y'), named(sourceId.toUpperCase() + '.', 'z'))
    expect(await nameOf(sourceId)).toBe('x')
    expect(await apply(named(sourceId, 'x'))).toEqual([{ sourceId, found: true, updated: false }])
  })

  it('have created_at from their first event and updated_at from their last, and none before a change', async () => {
    await apply(named('ada', 'Ada'))
    const [created] = await rowsOf()
    expect(created).toMatchObject({ version: 1, updated_at: null })
    await apply(named('ada', 'Ada'))
    expect(await rowsOf()).toEqual([created])
    await apply(named('ada', 'Grace'))
    const [changed] = await rowsOf()
    expect(changed).toMatchObject({ version: 2, created_at: created?.created_at })
    expect(Number(changed?.updated_at)).toBeGreaterThan(Number(created?.created_at))
  })

  it('say in their events which request and which action caused them', async () => {
    await apply(named('ada', 'Ada'))
    expect(
      await store.query(
        `SELECT type, correlation_id, causation_id FROM ${CAUSED_EVENTS} e WHERE project_id = $1`,
        [projectId],
      ),
    ).toEqual([{ type: 'CustomerUpserted', correlation_id: 'v-1', causation_id: 'aa_1' }])
  })

  it('are counted once each', async () => {
    expect(await counted()).toBe(0)
    await apply(named('a', 'x'), named('b', 'x'), named('a', 'y'))
    expect(await counted()).toBe(2)
    await apply(named('a', 'z'), named('c', 'x'))
    expect(await counted()).toBe(3)
    await apply(named('a', 'z'))
    expect(await counted()).toBe(3)
  })

  it('are, replayed from the log, row for row what the table holds, whatever happened to them', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(anyRows(15), { minLength: 1, maxLength: 4 }), async (chunks) => {
        projectId = await store.newProject()
        for (const rows of chunks) await apply(...rows)
        const rows = await rowsOf()
        expect(rows).toEqual(await replayed())
        expect(await counted()).toBe(rows.length)
        expect(new Set(rows.map(({ created_at }) => created_at)).size).toBe(rows.length)
      }),
      { numRuns: 40 },
    )
  })

  it('are the same however their rows are cut into chunks', async () => {
    const documents = async () =>
      new Map((await rowsOf()).map(({ source_id, version, document }) => [source_id, { version, document }]))
    await fc.assert(
      fc.asyncProperty(anyRows(15), fc.nat(15), async (rows, cut) => {
        projectId = await store.newProject()
        const whole = [await apply(...rows), await documents()]
        projectId = await store.newProject()
        const outcomes = [...(await apply(...rows.slice(0, cut))), ...(await apply(...rows.slice(cut)))]
        expect([outcomes, await documents()]).toEqual(whole)
      }),
      { numRuns: 20 },
    )
  })
})

describe('A writer that loses to another', () => {
  beforeEach(() => apply(named('ada', 'Ada')))

  it.each([
    ['changed the same customer', 'ada'],
    ['created the same customer', 'new'],
  ])('is told so when the other %s, and leaves nothing behind', async (_, sourceId) => {
    const late = await store.begin(projectId)
    const { changed } = await decide(late.session, [named('first', 'x'), named(sourceId, 'late')])
    await apply(named(sourceId, 'early'))
    await expect(save(late.session, changed)).rejects.toThrow(VersionConflictError)
    await late.rollBack()
    expect(await nameOf(sourceId)).toBe('early')
    expect(await nameOf('first')).toBeUndefined()
    expect(await rowsOf()).toEqual(await replayed())
    expect(await counted()).toBe((await rowsOf()).length)
  })

  it.each([
    ['is changing the same customer', 'ada'],
    ['is creating the same customer', 'new'],
  ])('waits while the other %s, and is told when it has', async (_, sourceId) => {
    const [early, late] = [await store.begin(projectId), await store.begin(projectId)]
    const first = await decide(early.session, [named(sourceId, 'early')])
    const second = await decide(late.session, [named(sourceId, 'late')])
    await save(early.session, first.changed)
    const refused = expect(save(late.session, second.changed)).rejects.toThrow(VersionConflictError)
    await early.commit()
    await refused
    await late.rollBack()
    expect(await nameOf(sourceId)).toBe('early')
  })

  it('goes on when the other gave up', async () => {
    const [early, late] = [await store.begin(projectId), await store.begin(projectId)]
    const first = await decide(early.session, [named('ada', 'early'), named('new', 'early')])
    const second = await decide(late.session, [named('ada', 'late'), named('new', 'late')])
    await save(early.session, first.changed)
    const saved = save(late.session, second.changed)
    await early.rollBack()
    await saved
    await late.commit()
    expect([await nameOf('ada'), await nameOf('new')]).toEqual(['late', 'late'])
    expect(await rowsOf()).toEqual(await replayed())
  })

  it('succeeds when it decides again', async () => {
    const late = await store.begin(projectId)
    const { changed } = await decide(late.session, [named('ada', 'late')])
    await apply(named('ada', 'early'))
    await expect(save(late.session, changed)).rejects.toThrow(VersionConflictError)
    await late.rollBack()
    expect(await apply(named('ada', 'late'))).toEqual([{ sourceId: 'ada', found: true, updated: true }])
    expect(await load('ada')).toMatchObject(new Map([['ada', { version: 3 }]]))
  })

  it('is told so when its customer is gone, and another one of the same version lies in its place', async () => {
    const late = await store.begin(projectId)
    const { changed } = await decide(late.session, [named('ada', 'late')])
    await store.query('DELETE FROM customers WHERE project_id = $1', [projectId])
    await apply(named('heir', 'early'))
    const heir = (await load('heir')).get('heir')
    // When VACUUM clears the place of a deleted row is PostgreSQL's affair, so the heir's own place stands for the one
    // that it could have been given.
    const moved = changed.map((customer) => ({ ...customer, place: heir?.place ?? 0 }))

    expect(heir).toMatchObject({ version: 1 })
    await expect(save(late.session, moved)).rejects.toThrow(VersionConflictError)
    await late.rollBack()
    expect(await nameOf('heir')).toBe('early')
  })

  it('never takes an effect back: of many at once each either counts or is told', async () => {
    const writers = await Promise.allSettled(
      Array.from({ length: 10 }, (_, index) =>
        apply(named('ada', `writer ${String(index)}`), named('new', 'x')),
      ),
    )
    const effects = writers.filter(({ status }) => status === 'fulfilled').length
    for (const writer of writers) {
      if (writer.status === 'rejected') expect(writer.reason).toBeInstanceOf(VersionConflictError)
    }
    expect(effects).toBeGreaterThan(0)
    expect((await load('ada')).get('ada')?.version).toBe(1 + effects)
    expect(await rowsOf()).toEqual(await replayed())
    expect(await counted()).toBe(2)
  })
})
