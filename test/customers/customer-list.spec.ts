import { Logger } from '@nestjs/common'
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

describe('A page of customers', () => {
  it.each([1, 2, 3, 4])(
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
