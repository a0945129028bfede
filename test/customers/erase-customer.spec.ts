import { Logger } from '@nestjs/common'
import { projectReport } from '../../src/async-actions/report/async-action-report.projection.js'
import { firstTurn } from '../../src/async-actions/run/chunk-runner.js'
import { RowsErasedError } from '../../src/async-actions/run/lanes.js'
import {
  ListCustomerActivityHandler,
  ListCustomerActivityQuery,
} from '../../src/customers/activity/list-activity.query.js'
import { customerDecider } from '../../src/customers/domain/customer.js'
import { type CustomerEvent } from '../../src/customers/domain/customer.events.js'
import { fold } from '../../src/kernel/index.js'
import { CAUSED_EVENTS } from '../support/caused-events.js'
import { deferred } from '../support/deferred.factory.js'
import { dumpOf, tablesHolding } from '../support/dump.js'
import { type Item, TestEraser } from '../support/eraser.factory.js'
import { packed, STORE_AS_TEXT } from '../support/payload.factory.js'
import { openStore, type TestStore } from '../support/test-store.factory.js'

/** In every text of the person whose erasure is tested, and in nobody else's. */
const CANARY = 'kanari'
const PERSON = `${CANARY}@example.com`

const person = (more: object = {}): Item => ({
  source_id: PERSON,
  name: `${CANARY} Weiß`,
  email: PERSON,
  phone: `+49 ${CANARY}`,
  description: `Knows "${CANARY}", and \\ too`,
  birthdate: '1979-04-01',
  address: { city: `${CANARY}stadt`, line_1: `${CANARY} 1` },
  metadata: { [`${CANARY}_key`]: { deep: [CANARY] } },
  ...more,
})
const other = (sourceId: string, name = 'x'): Item => ({ source_id: sourceId, name })
const wrong = (): Item => person({ birthdate: `${CANARY} is no date` })

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

const query = <R extends Record<string, unknown>>(sql: string) => store.query<R>(sql)
const holding = () => tablesHolding(query, CANARY)

const REPLACE = 'UPDATE async_action_payloads SET packed = $2 WHERE async_action_id = $1'

const ERASED_LINE =
  ',false,false,customer_erased,Customer erased,The customer was deleted permanently before this row was carried out.'

describe('A person who is erased', () => {
  it('is found in no table afterwards, while all else stays as it was', async () => {
    const ended = await test.done(
      [other('a'), person(), wrong()],
      [person({ name: `${CANARY} again` }), other('b'), { source_id: 'c', birthdate: 'never' }],
    )
    const waiting = await test.bulk([other('d'), person()], [other('e')])
    expect(await holding()).toEqual(['async_action_payloads', 'async_action_reports', 'customers', 'events'])
    const before = await dumpOf(query)
    const shape = () =>
      store.query(
        `SELECT stream_id, version, type, occurred_at, correlation_id, causation_id, append_position
         FROM ${CAUSED_EVENTS} e WHERE type <> 'CustomerDeleted' ORDER BY stream_id, version`,
      )
    const events = await shape()
    const id = await test.customerId(PERSON)

    expect(await test.erase(PERSON)).toEqual({
      id: expect.stringMatching(/^del_[0-9A-Za-z]{24}$/) as string,
      created_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/) as string,
      related_object_id: id,
      related_object: 'customer',
      status: 'DONE',
      data_json: {
        events: 4,
        customer_events: 2,
        daily_events: 0,
        segments: 0,
        orders: 0,
        order_events: 0,
        customer: 1,
      },
      object: 'pernament_deletion',
    })
    expect(await holding()).toEqual([])
    expect(await shape()).toEqual(events)
    const after = await dumpOf(query)
    const gone = before.filter((row) => !after.includes(row))
    // Of appends the keys, by which the person was found.
    expect(gone.filter((row) => !row.includes(CANARY)).map((row) => row.split(' ', 1)[0])).toEqual([
      'appends',
      'appends',
      'customer_clocks',
      'customer_counters',
      'lanes',
    ])
    expect(await test.report(ended)).toBe(
      [
        'a,false,true,,,',
        ',false,true,,,',
        ',true,false,invalid_customer,Invalid customer,',
        ',true,true,,,',
        'b,false,true,,,',
        'c,false,false,invalid_customer,Invalid customer,Property .birthdate must be a calendar date (YYYY-MM-DD) or an ISO 8601 date-time',
        '',
      ].join('\r\n'),
    )
    expect(await test.action(ended)).toMatchObject({ status: 'DONE', rows_done: 6, rows_failed: 2 })

    await test.worker().ring()
    expect(await test.report(waiting)).toBe(`d,false,true,,,\r\n${ERASED_LINE}\r\ne,false,true,,,\r\n`)
    expect(await test.action(waiting)).toMatchObject({ status: 'DONE', rows_done: 3, rows_failed: 1 })
    expect(await test.customerId(PERSON)).toBeUndefined()
    expect(await test.customerId('d')).toBeDefined()
    expect(await holding()).toEqual([])
  })

  it('leaves a stream that still replays to a deleted customer, and a total that is right', async () => {
    await test.done([person(), other('a')])
    await test.done([person({ name: CANARY })])
    const id = (await test.customerId(PERSON)) ?? ''
    await test.erase(id)
    const history = await store.database.inProject(test.projectId, (session) =>
      test.events.readStream(session, test.projectId, id),
    )
    expect(history.map(({ version, type, data }) => ({ version, type, data }))).toEqual([
      { version: 1, type: 'CustomerUpserted', data: { source_id: null, attributes: {} } },
      { version: 2, type: 'CustomerUpdated', data: { changes: {} } },
      { version: 3, type: 'CustomerDeleted', data: {} },
    ])
    const initial = customerDecider.initialState
    expect(fold(customerDecider, initial, history as unknown as CustomerEvent[])).toEqual({ kind: 'deleted' })
    expect(await store.query('SELECT customers FROM customer_counters')).toEqual([{ customers: '1' }])
  })

  it('has a report that is what its events say: written anew from them it is the same', async () => {
    const id = await test.done([person(), wrong(), other('a')], [{ source_id: 'b', name: 3 }, person()])
    await test.erase(PERSON)
    const segments = () => store.query('SELECT chunk, csv, failures FROM async_action_reports ORDER BY chunk')
    const live = await segments()
    await store.query('DELETE FROM async_action_reports')
    await store.database.inProject(test.projectId, async (session) => {
      for (const event of await test.events.readStream(session, test.projectId, id)) {
        const { version, occurredAt } = event
        await projectReport(session, {
          projectId: test.projectId,
          asyncActionId: id,
          version,
          occurredAt,
          event: event as never,
        })
      }
    })
    expect(await segments()).toEqual(live)
  })

  it('takes along those who had the source_id before and were deleted', async () => {
    await test.done([person(), other('a')])
    const first = (await test.customerId(PERSON)) ?? ''
    await test.delete(PERSON)
    await test.done([person({ name: `${CANARY} the second` })])
    const { data_json, related_object_id } = await test.erase(PERSON)
    expect(related_object_id).not.toBe(first)
    expect(data_json).toMatchObject({ customer: 2, customer_events: 2, events: 4 })
    expect(await holding()).toEqual([])
    await expect(test.erase(first)).rejects.toMatchObject({ status: 404 })
    await expect(test.erase(PERSON)).rejects.toMatchObject({ status: 404 })
  })

  it.each(['id', 'source_id'])('may have been deleted before, and is named by its %s', async (by) => {
    await test.done([person(), other('a')])
    const id = (await test.customerId(PERSON)) ?? ''
    await test.delete(PERSON)
    expect(await holding()).toEqual([
      'async_action_payloads',
      'async_action_reports',
      'deleted_customers',
      'events',
    ])
    const { related_object_id, data_json } = await test.erase(by === 'id' ? id : PERSON)
    expect([related_object_id, data_json.customer, data_json.events]).toEqual([id, 1, 2])
    expect(await holding()).toEqual([])
    await expect(test.erase(id)).rejects.toMatchObject({ status: 404 })
    expect(await store.query('SELECT customers FROM customer_counters')).toEqual([{ customers: '1' }])
  })

  it('is the one asked for: who has the source_id now is not touched', async () => {
    await test.done([person()])
    const first = (await test.customerId(PERSON)) ?? ''
    await test.delete(PERSON)
    const second = await test.done([other(PERSON, 'Somebody else')])
    await test.erase(first)
    expect(await test.customerId(PERSON)).toBeDefined()
    expect(await test.report(second)).toBe(`${PERSON},false,true,,,\r\n`)
    const streams = await store.query<{ data: unknown }>(
      'SELECT data::json FROM events WHERE stream_id = $1',
      [first],
    )
    expect(JSON.stringify(streams)).not.toContain(CANARY)
  })

  it('is told apart exactly: like-named customers keep all they have', async () => {
    const likes = [PERSON.toUpperCase(), `${PERSON} `, `x${PERSON}`, `${PERSON},a`, `a\r\n${PERSON}`].map(
      (name) => other(name, 'Like'),
    )
    const id = await test.done([...likes, person()])
    const before = await test.report(id)
    await test.erase(PERSON)
    expect(await test.report(id)).toBe(
      before.replace(`\r\n${PERSON},false,true,,,\r\n`, '\r\n,false,true,,,\r\n'),
    )
    for (const { source_id } of likes) expect(await test.customerId(source_id)).toBeDefined()
  })

  it.each(['a,b', 'say "hi"', '\\', 'ü"\\\r\n,', '1', ',true,', '😀'])(
    'may have the source_id %j',
    async (sourceId) => {
      const named = (name: string): Item => ({ source_id: sourceId, name })
      const ended = await test.done([other('z'), named('1')], [named('2')])
      const waiting = await test.bulk([named('3'), other('y')])
      await test.erase(sourceId)
      expect(await test.report(ended)).toBe('z,false,true,,,\r\n,false,true,,,\r\n,true,true,,,\r\n')
      await test.worker().ring()
      expect(await test.report(waiting)).toBe(`${ERASED_LINE}\r\ny,false,true,,,\r\n`)
      expect(await test.customerId(sourceId)).toBeUndefined()
    },
  )

  it('is found in rows that wait however a client escaped it', async () => {
    await test.done([person()])
    const waiting = await test.bulk([other('a'), other('b')])
    await store.query(REPLACE, [
      waiting,
      packed(`[{"source_id":"a"}, {"source_id":"\\u006banari@example.com","name":"kan\\u0061ri"}]`),
    ])
    await test.erase(PERSON)
    await test.worker().ring()
    expect(await test.report(waiting)).toBe(`a,false,true,,,\r\n${ERASED_LINE}\r\n`)
  })

  it('is taken out of rows that the release before stored', async () => {
    await test.done([person()])
    const waiting = await test.bulk([other('a'), other('b')])
    await store.query(STORE_AS_TEXT, [waiting, JSON.stringify([other('a'), person()])])
    expect(await holding()).toContain('async_action_payloads')
    await test.erase(PERSON)
    expect(await holding()).toEqual([])
    await test.worker().ring()
    expect(await test.report(waiting)).toBe(`a,false,true,,,\r\n${ERASED_LINE}\r\n`)
  })

  it.each([
    ['are no JSON', packed(`[{"source_id":"${PERSON}"`)],
    ['are damaged', Buffer.from(`[{"source_id":"${PERSON}"`)],
    ['were cut off', packed(JSON.stringify([person()])).subarray(0, -5)],
  ])('is taken out of rows that nobody can read because they %s, whole', async (_, bytes) => {
    await test.done([person()])
    const waiting = await test.bulk([other('a')])
    await store.query(REPLACE, [waiting, bytes])
    await test.erase(PERSON)
    expect(await holding()).toEqual([])
    expect(await store.query('SELECT rows, packed FROM async_action_payloads')).toEqual([
      { rows: '\\', packed: Buffer.from(packed('null')) },
    ])
    await test.worker().ring()
    expect(await test.action(waiting)).toMatchObject({ status: 'FAILED' })
  })

  it('of another project keeps everything', async () => {
    const elsewhere = new TestEraser(store, await store.newProject())
    const id = await elsewhere.done([person()])
    await test.done([person()])
    await test.erase(PERSON)
    expect(await elsewhere.customerId(PERSON)).toBeDefined()
    expect(await elsewhere.report(id)).toBe(`${PERSON},false,true,,,\r\n`)
    await expect(test.erase((await elsewhere.customerId(PERSON)) ?? '')).rejects.toMatchObject({
      status: 404,
    })
  })

  it('comes back as somebody new when a later request names it', async () => {
    await test.done([person()])
    const old = await test.customerId(PERSON)
    await test.erase(PERSON)
    const later = await test.done([{ source_id: PERSON, name: 'New' }])
    expect(await test.report(later)).toBe(`${PERSON},false,true,,,\r\n`)
    const [row] = await store.query<{ id: string; document: object; version: number }>(
      'SELECT id, document::json, version FROM customers',
    )
    expect(row?.id).not.toBe(old)
    expect(row).toMatchObject({ document: { name: 'New' }, version: 1 })
  })

  it.each(['nobody', 'cust_000000000000000000000000', 'a\0b', ''])(
    'must be there: %j is not',
    async (name) => {
      await test.done([other('a')])
      await expect(test.erase(name)).rejects.toMatchObject({ status: 404 })
      expect(await test.count('permanent_deletions')).toBe(0)
    },
  )

  it('stays whole when the erasure fails half-way', async () => {
    await test.done([person()], [person()])
    const before = await dumpOf(query)
    await store.query(`ALTER TABLE permanent_deletions ADD CONSTRAINT never CHECK (false)`)
    await expect(test.erase(PERSON)).rejects.toThrow('never')
    await store.query(`ALTER TABLE permanent_deletions DROP CONSTRAINT never`)
    const after = await dumpOf(query)
    const without = (rows: string[]) => rows.filter((row) => !row.startsWith('customer_clocks'))
    expect(without(after)).toEqual(without(before))
  })
})

describe('An erasure beside who reads what happened to the customer', () => {
  it('is seen as a whole or not at all', async () => {
    await test.done([person()], [person({ name: `${CANARY} again` })])
    const list = test.events.listStream.bind(test.events)
    jest.spyOn(test.events, 'listStream').mockImplementationOnce(async (...asked) => {
      await test.erase(PERSON)
      return list(...asked)
    })
    const handler = new ListCustomerActivityHandler(store.database, test.events)
    const ask = () =>
      handler.execute(
        new ListCustomerActivityQuery(test.projectId, PERSON, {
          limit: 10,
          newestFirst: true,
          withTotal: true,
        }),
      )
    const { activities, total } = await ask()
    expect(activities.map(({ data }) => data.data.customer['name'])).toEqual([
      `${CANARY} again`,
      `${CANARY} Weiß`,
    ])
    expect(total).toBe(2)
    await expect(ask()).rejects.toMatchObject({ status: 404 })
  })
})

describe('An erasure beside a chunk', () => {
  it('that was read before it: the chunk is refused, read again, and brings nobody back', async () => {
    await test.done([person()])
    const id = await test.bulk([other('a'), person({ name: `${CANARY} again` }), other('b')])
    const { lane, action } = await test.started()
    const read = await test.reader.read(action, 0, false)
    await test.erase(PERSON)
    await expect(test.chunks.run(lane, firstTurn(action), read).done).rejects.toThrow(RowsErasedError)
    expect(await holding()).toEqual([])
    await test.finish(lane)
    expect(await test.report(id)).toBe(`a,false,true,,,\r\n${ERASED_LINE}\r\nb,false,true,,,\r\n`)
    expect(await holding()).toEqual([])
  })

  it('that was read before the customer was created: the chunk creates nobody', async () => {
    const id = await test.bulk([person()], [other('a')])
    const { lane, action } = await test.started()
    const read = await test.reader.read(action, 0, false)
    // A single write goes before the rows that wait.
    await new TestEraser(store, test.projectId).writer.write(
      { projectId: test.projectId, requestId: 'v-1' },
      (_, occurredAt) =>
        Promise.resolve({
          id: 'cust_single',
          changed: [
            {
              id: 'cust_single',
              loadedVersion: 0,
              place: 0,
              state: { kind: 'known', sourceId: PERSON, document: { address: null } },
              events: [{ type: 'CustomerUpserted', data: { source_id: PERSON, attributes: {} }, occurredAt }],
            },
          ],
        }),
      () => Promise.resolve(),
    )
    await test.erase('cust_single')
    await expect(test.chunks.run(lane, firstTurn(action), read).done).rejects.toThrow(RowsErasedError)
    await test.finish(lane)
    expect(await test.report(id)).toBe(`${ERASED_LINE}\r\na,false,true,,,\r\n`)
    expect(await holding()).toEqual([])
  })

  it('that holds the customer and waits for its turn: the chunk before it is not kept waiting', async () => {
    await test.done([person(), other('a')])
    const id = await test.bulk([other('a', 'y')], [person({ name: `${CANARY} again` })])
    const { lane, action } = await test.started()
    const before = deferred<typeof action>()
    const turn = { held: before.promise.then(() => undefined), done: before.promise }
    const [first, second] = [
      await test.reader.read(action, 0, false),
      await test.reader.read(action, 1, false),
    ]
    const late = test.chunks.run(lane, turn, second)
    await test.waitForLockOn('customers', PERSON)
    const erasure = test.erase(PERSON)
    await test.waiting(1)
    before.resolve(await test.chunks.run(lane, firstTurn(action), first).done)
    await late.done
    expect((await erasure).data_json).toMatchObject({ customer_events: 2, events: 4 })
    expect(await holding()).toEqual([])
    expect(await test.report(id)).toBe('a,true,true,,,\r\n,true,true,,,\r\n')
    expect(await test.action(id)).toMatchObject({ status: 'DONE', rows_done: 2, rows_failed: 0 })
  })

  it.each([
    [
      'names the person: it waits, and is done again',
      person({ name: `${CANARY} again` }),
      ERASED_LINE,
      'refused',
    ],
    ['names others only: it waits, and goes on', other('b'), 'b,false,true,,,', 'recorded'],
  ])('that wants to commit in the middle of it and %s', async (_, item, line, fate) => {
    const ended = await test.done([person()])
    const id = await test.bulk([item], [other('a')])
    const { lane, action } = await test.started()
    const read = await test.reader.read(action, 0, false)
    const obstacle = await store.begin(test.projectId)
    await obstacle.session.rows('SELECT FROM async_action_reports WHERE async_action_id = $1 FOR UPDATE', [
      ended,
    ])
    const erasure = test.erase(PERSON)
    await test.waiting(1)
    const ran = test.chunks.run(lane, firstTurn(action), read).done.then(
      () => 'recorded',
      () => 'refused',
    )
    await test.waiting(2)
    await obstacle.commit()
    await erasure
    expect(await ran).toBe(fate)
    await test.finish(lane)
    expect(await test.report(id)).toBe(`${line}\r\na,false,true,,,\r\n`)
    expect(await test.action(id)).toMatchObject({ status: 'DONE', rows_done: 2 })
    expect(await holding()).toEqual([])
  })

  it('that commits just before it: what the chunk wrote is erased with the rest', async () => {
    await test.done([person()])
    const id = await test.bulk([person({ name: `${CANARY} again` })], [person({ phone: CANARY })])
    const { lane, action } = await test.started()
    const read = await test.reader.read(action, 0, false)
    const look = test.traces.look.bind(test.traces)
    test.traces.look = async (...who) => {
      const traces = await look(...who)
      await test.chunks.run(lane, firstTurn(action), read).done
      return traces
    }
    await test.erase(PERSON)
    expect(await holding()).toEqual([])
    await test.finish(lane)
    expect(await test.report(id)).toBe(`,true,true,,,\r\n${ERASED_LINE}\r\n`)
  })

  it('of a request that was accepted while it looked: its rows are erased too', async () => {
    await test.done([person()])
    const look = test.traces.look.bind(test.traces)
    let late = ''
    test.traces.look = async (...who) => {
      const traces = await look(...who)
      late = await test.bulk([person()], [other('a')])
      return traces
    }
    await test.erase(PERSON)
    await test.worker().ring()
    expect(await test.report(late)).toBe(`${ERASED_LINE}\r\na,false,true,,,\r\n`)
    expect(await holding()).toEqual([])
  })

  it('rings for what waits: a worker that looked for work meanwhile passed over the lane', async () => {
    await test.done([person()])
    await test.erase(PERSON)
    expect(test.rungFor).toEqual([])
    await test.done([person()])
    const waiting = await test.bulk([other('a')])
    await test.erase(PERSON)
    expect(test.rungFor).toEqual([{ projectId: test.projectId, asyncActionId: waiting }])
  })

  it('looks again when somebody else has the name by the time it is to erase', async () => {
    await test.done([person()])
    const first = await test.customerId(PERSON)
    const look = test.traces.look.bind(test.traces)
    let looks = 0
    test.traces.look = async (...who) => {
      const traces = await look(...who)
      if (++looks === 1) {
        await test.delete(PERSON)
        await test.done([person({ name: `${CANARY} the second` })])
      }
      return traces
    }
    const { related_object_id, data_json } = await test.erase(PERSON)
    expect([looks, data_json.customer]).toEqual([2, 2])
    expect(related_object_id).not.toBe(first)
    expect(await holding()).toEqual([])
  })

  it('never deadlocks nor loses a row: requests, changes and erasures all at once', async () => {
    const names = ['a', 'b', 'c', 'd', 'e', 'f']
    const chunks = () =>
      Array.from({ length: 12 }, (_, chunk) =>
        names.map((name, row) => other(`${CANARY}-${name}`, `${CANARY} ${String(chunk)} ${String(row)}`)),
      ).map((items, chunk) => [...items.slice(chunk % 6), ...items.slice(0, chunk % 6)])
    const ids = [await test.bulk(...chunks()), await test.bulk(...chunks()), await test.bulk(...chunks())]
    const working = Promise.all([test.worker().ring(), test.worker().ring()])
    const answers: number[] = []
    // The first rounds may come before there is anybody; those after the last chunk find everybody.
    for (let round = 0; round < 4 || answers.length < names.length; round++) {
      const erasures = names.flatMap((name) => [
        test.erase(`${CANARY}-${name}`),
        test.erase(`${CANARY}-${name}`),
      ])
      for (const erasure of await Promise.allSettled(erasures)) {
        if (erasure.status === 'rejected') expect(erasure.reason).toMatchObject({ status: 404 })
        else answers.push(erasure.value.data_json.customer)
      }
    }
    await working
    // Who looked for work just when an erasure held the lane found none; erasures ring for that reason.
    await test.worker().ring()
    expect(answers.length).toBeGreaterThanOrEqual(names.length)
    for (const name of names) await test.erase(`${CANARY}-${name}`).catch(() => undefined)
    expect(await holding()).toEqual([])
    for (const id of ids) {
      expect(await test.action(id)).toMatchObject({ status: 'DONE', rows_done: 72 })
      expect((await test.report(id)).split('\r\n')).toHaveLength(73)
    }
    expect(await store.query('SELECT customers FROM customer_counters')).toEqual([{ customers: '0' }])
    expect(
      await store.query(`SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()`),
    ).toEqual([{ deadlocks: '0' }])
  })
})
