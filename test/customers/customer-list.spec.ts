import { Logger } from '@nestjs/common'
import fc from 'fast-check'
import { findByTimeOfChange } from '../../src/customers/list/by-time-of-change.read-model.js'
import { ListCustomersHandler, ListCustomersQuery } from '../../src/customers/list/list-customers.query.js'
import { type CustomerListRequest } from '../../src/customers/list/list-customers.query.js'
import { Session } from '../../src/database/index.js'
import { TestEraser } from '../support/eraser.factory.js'
import { openStore, type TestStore } from '../support/test-store.factory.js'

let store: TestStore
let test: TestEraser

beforeAll(async () => {
  Logger.overrideLogger(false)
  store = await openStore()
})
beforeEach(async () => {
  await store.clear()
  test = new TestEraser(store, await store.newProject())
})
afterEach(() => jest.restoreAllMocks())
afterAll(() => store.close())

const request = (more: Partial<CustomerListRequest>): CustomerListRequest => ({
  order: '-created_at',
  page: 1,
  limit: 100,
  searched: {},
  created: {},
  updated: {},
  nobody: false,
  ...more,
})

/** Lets something happen right after the list has read for the `n`th time. */
function afterRead(n: number, happen: () => Promise<unknown>): void {
  const original = Reflect.get(Session.prototype, 'rows') as (...args: unknown[]) => Promise<never>
  let reads = 0
  jest.spyOn(Session.prototype, 'rows').mockImplementation(async function (this: Session, ...args) {
    const found = await original.apply(this, args)
    if (++reads === n) await happen()
    return found
  })
}

/**
 * Customers as appends leave them, each of which changes some, at any times: the last append that names a customer has
 * its last version. Gives their ids in the order of their last changes.
 */
async function makeChanges(
  projectId: string,
  appends: readonly (readonly { customer: number; at: number }[])[],
): Promise<string[]> {
  const customers = new Map<number, { version: number; at: number }>()
  for (const changes of appends) {
    const versions = changes.map(({ customer, at }) => {
      const version = (customers.get(customer)?.version ?? 1) + 1
      customers.set(customer, { version, at })
      return version
    })
    const times = changes.map(({ at }) => at)
    await store.query(
      `INSERT INTO appends (project_id, stream_ids, versions, changes_from, changes_till)
       SELECT $1, $2, $3, to_timestamp($4::int), to_timestamp($5::int)`,
      [
        projectId,
        changes.map(({ customer }) => idOf(customer)),
        versions,
        Math.min(...times),
        Math.max(...times),
      ],
    )
  }
  for (const [customer, { version, at }] of customers) {
    await store.query(
      `INSERT INTO customers (project_id, id, version, created_at, updated_at, document)
       VALUES ($1, $2, $3, now(), to_timestamp($4::int), '{}')`,
      [projectId, idOf(customer), version, at],
    )
  }
  return [...customers]
    .toSorted(([one, { at }], [other, { at: otherAt }]) => at - otherAt || one - other)
    .map(([customer]) => idOf(customer))
}

const idOf = (customer: number): string => `cust_${String(customer).padStart(2, '0')}`

describe('A page of customers', () => {
  it.each([1, 2, 3, 4, 5])(
    'by time of change has nobody twice and misses nobody, whoever changes after its read %i',
    async (n) => {
      await test.done([{ source_id: 'a' }, { source_id: 'b' }])
      await test.done([{ source_id: 'a', name: 'A' }])
      const list = new ListCustomersHandler(store.database)
      afterRead(n, () => {
        jest.restoreAllMocks()
        return test.done([{ source_id: 'b', name: 'B' }])
      })
      const { customers, total } = await list.execute(
        new ListCustomersQuery(test.projectId, request({ order: '-updated_at' })),
      )
      expect(customers.map(({ sourceId }) => sourceId).sort()).toEqual(['a', 'b'])
      expect(total).toBe(2)
    },
  )

  it('by time of change has everyone in turn, however the times of appends overlap', async () => {
    const anyAppends = fc.array(
      fc.uniqueArray(fc.record({ customer: fc.nat(30), at: fc.nat(50) }), {
        minLength: 1,
        maxLength: 12,
        selector: ({ customer }) => customer,
      }),
      { maxLength: 40 },
    )
    await fc.assert(
      fc.asyncProperty(anyAppends, fc.integer({ min: 1, max: 9 }), async (appends, limit) => {
        const projectId = await store.newProject()
        const inOrder = await makeChanges(projectId, appends)
        const pages = (order: 'updated_at' | '-updated_at') =>
          store.database.atOneMoment(projectId, async (session) => {
            const ids: string[] = []
            for (let offset = 0; offset <= inOrder.length; offset += limit) {
              const page = await findByTimeOfChange(session, projectId, { order, offset, limit })
              ids.push(...page.map(({ id }) => id))
            }
            return ids
          })
        expect(await pages('updated_at')).toEqual(inOrder)
        expect(await pages('-updated_at')).toEqual(inOrder.toReversed())
      }),
      { numRuns: 40 },
    )
  })

  it('has the total of the same moment', async () => {
    await test.done([{ source_id: 'a' }])
    const list = new ListCustomersHandler(store.database)
    afterRead(1, () => {
      jest.restoreAllMocks()
      return test.done([{ source_id: 'b' }])
    })
    const { customers, total } = await list.execute(new ListCustomersQuery(test.projectId, request({})))
    expect(customers).toHaveLength(total)
  })
})
