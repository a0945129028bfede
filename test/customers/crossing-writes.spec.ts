import { Logger } from '@nestjs/common'
import { firstTurn } from '../../src/async-actions/run/chunk-runner.js'
import { readCustomer } from '../../src/customers/domain/customer-row.js'
import { type LoadedCustomers } from '../../src/customers/domain/decide-rows.js'
import { CustomerRepository } from '../../src/customers/store/customer.repository.js'
import { CustomerWriter } from '../../src/customers/store/customer.writer.js'
import { deferred } from '../support/deferred.factory.js'
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
afterAll(() => store.close())

const context = () => ({ projectId: test.projectId, requestId: 'v-single' })
const rowOf = (item: Record<string, string>) => readCustomer(item, test.settings)

/** Fails when a customer's events do not come later and later. */
async function expectRisingTimes(): Promise<void> {
  const late = await store.query(
    `SELECT later.stream_id, later.version FROM events earlier JOIN events later
       ON later.project_id = earlier.project_id AND later.stream_id = earlier.stream_id AND later.version = earlier.version + 1
     WHERE later.stream_id LIKE 'cust%' AND later.occurred_at <= earlier.occurred_at`,
  )
  expect(late).toEqual([])
  expect(await store.query('SELECT id FROM customers WHERE updated_at <= created_at')).toEqual([])
}

describe('The time of a customer’s change', () => {
  it('is after that of the change before it, though a chunk was read before that', async () => {
    await test.bulk([{ source_id: 'a', name: 'bulk' }])
    const { lane, action } = await test.started()
    const read = await test.reader.read(action, 0, false)
    const single = await test.writer.upsert(context(), () => rowOf({ source_id: 'a', name: 'single' }))
    await test.chunks.run(lane, firstTurn(action), read).done
    const [row] = await store.query<{ id: string; version: number }>('SELECT id, version FROM customers')
    expect(row).toEqual({ id: single.id, version: 2 })
    await expectRisingTimes()
  })

  it('is after that of the change before it, though two single writes crossed', async () => {
    await test.done([{ source_id: 'a' }])
    const asked = deferred()
    const goOn = deferred()
    // Has its time, and has not looked at the customer yet.
    const slow = test.writer.upsert(context(), async () => {
      asked.resolve(undefined)
      await goOn.promise
      return rowOf({ source_id: 'a', name: 'slow' })
    })
    await asked.promise
    await test.writer.upsert(context(), () => rowOf({ source_id: 'a', name: 'quick' }))
    goOn.resolve(undefined)
    await slow
    await expectRisingTimes()
  })
})

describe('A write that changes nothing', () => {
  it('of a customer who is deleted meanwhile is decided again', async () => {
    await test.done([{ source_id: 'a', name: 'A' }])
    const id = (await test.customerId('a')) ?? ''
    let gone = false
    class Interrupted extends CustomerRepository {
      override async loadNamed(
        ...args: Parameters<CustomerRepository['loadNamed']>
      ): Promise<LoadedCustomers> {
        const loaded = await super.loadNamed(...args)
        if (!gone) {
          gone = true
          await test.delete('a')
        }
        return loaded
      }
    }
    const writer = new CustomerWriter(store.database, new Interrupted(test.events))
    const put = writer.upsert(context(), () => ({ customerId: id, sourceId: '', changes: { name: 'A' } }))
    await expect(put).rejects.toMatchObject({ status: 404 })
  })
})

describe('Rows applied one by one', () => {
  it('lock nothing before they lock customers: no deadlock with a single write', async () => {
    await test.done([{ source_id: 'b', name: 'B' }])
    await test.bulk([{ source_id: 'a' }, { source_id: 'b', name: 'bulk' }])
    const { lane, action } = await test.started()
    const read = await test.reader.read(action, 0, true)
    const single = await store.begin(test.projectId)
    await single.session.execute('SELECT FROM customers WHERE source_id = $1 FOR UPDATE', ['b'])
    const rowByRow = test.chunks.runRowByRow(lane, firstTurn(action), read).done
    rowByRow.catch(() => undefined)
    await test.waiting(1)
    // As every single write does it: customer first, then the total.
    await single.session.execute('UPDATE customer_counters SET customers = customers')
    await single.commit()
    await rowByRow
  })
})

describe('A bulk request while many persons are erased', () => {
  it('comes to its end', async () => {
    const rows = (chunk: number) =>
      Array.from({ length: 400 }, (_, n) => ({ source_id: `r-${chunk}-${n}`, name: 'x' }))
    const persons = Array.from({ length: 800 }, (_, n) => ({ source_id: `p-${n}` }))
    await test.done(persons)
    await test.bulk(...Array.from({ length: 5 }, (_, chunk) => rows(chunk)))
    let running = true
    const working = test
      .worker()
      .ring()
      .then(() => {
        running = false
      })
    const erase = async (first: number): Promise<void> => {
      for (let n = first; running && n < persons.length; n += 4) await test.erase(`p-${n}`)
    }
    await Promise.all([0, 1, 2, 3].map(erase))
    const stillRunning = running
    await working
    // When each erasure turned every chunk back, the five chunks were not done after as many as these.
    expect(stillRunning).toBe(false)
  }, 60_000)
})
