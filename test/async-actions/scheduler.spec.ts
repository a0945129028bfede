import { Readable } from 'node:stream'
import { lockAcceptance } from '../../src/async-actions/schedule/acceptance-lock.js'
import { AsyncActionScheduled } from '../../src/async-actions/schedule/async-action-scheduled.event.js'
import { RequestError, unpack } from '../../src/kernel/index.js'
import { CAUSED_EVENTS } from '../support/caused-events.js'
import { packed } from '../support/payload.factory.js'
import { OPERATION, beginWithNotes, payloadOf, type TestRunner } from '../support/runner.factory.js'
import { type TestStore } from '../support/test-store.factory.js'

let store: TestStore
let rig: TestRunner
let projectId: string

beginWithNotes(
  (notes) => {
    ;({ store, rig, projectId } = notes)
  },
  { maxOpenActions: 20, maxStoredBytes: 1_000 },
)

interface Accepted extends Record<string, unknown> {
  id: string
  created_at: string
}

/** The actions of the project in the order in which they will run. */
const accepted = (): Promise<Accepted[]> =>
  store.query(
    `SELECT id, (extract(epoch FROM created_at) * 1000000)::bigint AS created_at FROM async_actions
     WHERE project_id = $1 ORDER BY position`,
    [projectId],
  )
const ids = async (): Promise<string[]> => (await accepted()).map(({ id }) => id)

/** What waits, as it can be read again, and the bytes that it takes. */
async function waiting() {
  const rows = await store.query<{ chunk: number; first_row: number; packed: Buffer }>(
    'SELECT chunk, first_row, packed FROM async_action_payloads ORDER BY chunk',
  )
  const bytes = rows.reduce((total, row) => total + row.packed.length, 0)
  return { bytes, rows: rows.map((row) => ({ ...row, packed: unpack(row.packed)?.toString() })) }
}

describe('An action that is accepted', () => {
  it('is stored with its rows, and waits', async () => {
    const id = await rig.schedule(projectId, [['a', 'b'], ['c']])
    expect(id).toMatch(/^aa_[0-9a-f]{18}$/)
    const { rows, bytes } = await waiting()
    expect(rows).toEqual([
      { chunk: 0, first_row: 0, packed: '[{"text":"a"},{"text":"b"}]' },
      { chunk: 1, first_row: 2, packed: '[{"text":"c"}]' },
    ])
    expect(await rig.action(id)).toMatchObject({
      project_id: projectId,
      type: OPERATION,
      status: 'ENQUEUED',
      request_id: 'v-1',
      row_count: 3,
      chunk_count: 2,
      payload_bytes: String(bytes),
      next_chunk: 0,
      rows_done: 0,
      finished_at: null,
      version: 1,
    })
  })

  it('stands in the log, caused by its request', async () => {
    const id = await rig.schedule(projectId, [['a', 'b']])
    const { bytes } = await waiting()
    expect(
      await store.query(
        `SELECT stream_id, version, type, data::json, correlation_id FROM ${CAUSED_EVENTS} e`,
      ),
    ).toEqual([
      {
        stream_id: id,
        version: 1,
        type: 'AsyncActionScheduled',
        data: { operation: OPERATION, request_id: 'v-1', row_count: 2, chunk_count: 1, payload_bytes: bytes },
        correlation_id: 'v-1',
      },
    ])
  })

  it('is announced, and can be found by whoever hears it', async () => {
    const id = await rig.schedule(projectId)
    expect(rig.announced).toEqual([new AsyncActionScheduled(projectId, id)])
    expect(await rig.lanes.waiting(1)).toEqual([{ projectId, asyncActionId: id }])
  })

  it('keeps the bytes of its rows, also such as no parser would write', async () => {
    const rows = '[ {"text" : "\\u0000 😀"} ]'
    const payload = Readable.from([{ firstRow: 0, rowCount: 1, packed: packed(rows) }])
    await rig.scheduler.schedule({ projectId, requestId: 'v-1', client: 'app' }, OPERATION, payload)
    expect((await waiting()).rows).toEqual([{ chunk: 0, first_row: 0, packed: rows }])
  })

  it('is created at a whole millisecond that no other action of the project has', async () => {
    for (let action = 0; action < 20; action++) await rig.schedule(projectId, [])
    const times = (await accepted()).map(({ created_at }) => Number(created_at))
    expect(times.every((time) => time % 1_000 === 0)).toBe(true)
    expect(new Set(times).size).toBe(20)
  })

  it('is created a millisecond after the one before when the clock has not passed it', async () => {
    await rig.schedule(projectId)
    await store.query(`UPDATE async_actions SET created_at = created_at + interval '1 hour'`)
    await rig.schedule(projectId)
    const [first, second] = (await accepted()).map(({ created_at }) => Number(created_at))
    expect(second).toBe(Number(first) + 1_000)
  })
})

describe('A request that turns out to be wrong at its end', () => {
  it('is refused as a whole, and nothing of what was stored of it is left behind', async () => {
    async function* wrong() {
      yield* payloadOf([['a'], ['b']])
      await Promise.reject(new Error('wrong at its end'))
    }
    const scheduling = rig.scheduler.schedule(
      { projectId, requestId: 'v-1', client: 'app' },
      OPERATION,
      wrong(),
    )
    await expect(scheduling).rejects.toThrow('wrong at its end')
    for (const table of ['async_actions', 'async_action_payloads', 'events']) {
      expect(await rig.count(table)).toBe(0)
    }
    expect(rig.announced).toEqual([])
  })
})

describe('Requests that overlap', () => {
  it('get one order, which the times of their creation tell', async () => {
    const scheduled = await Promise.all(Array.from({ length: 20 }, () => rig.schedule(projectId)))
    const actions = await accepted()
    expect(actions.map(({ id }) => id).sort()).toEqual([...scheduled].sort())
    const times = actions.map(({ created_at }) => Number(created_at))
    expect(new Set(times).size).toBe(20)
    expect(times).toEqual([...times].sort((one, other) => one - other))
  })

  it('become visible in that order: none is ever seen before an earlier one', async () => {
    const seen: string[][] = []
    let left = 20
    const scheduling = Array.from({ length: 20 }, async () => {
      await rig.schedule(projectId)
      left--
    })
    while (left > 0) seen.push(await ids())
    await Promise.all(scheduling)
    const order = await ids()
    for (const snapshot of seen) expect(snapshot).toEqual(order.slice(0, snapshot.length))
  })

  it('of different projects do not wait for each other', async () => {
    const accepting = await store.begin(projectId)
    await lockAcceptance(accepting.session, projectId)
    expect(await rig.projectWith('a')).not.toBe(projectId)
    await accepting.rollBack()
  })
})

describe('A project with all the open actions it may have', () => {
  beforeEach(async () => {
    for (let action = 0; action < 20; action++) await rig.schedule(projectId)
  })

  it('is refused one more with 429, and nothing of it is left behind', async () => {
    const tables = ['async_actions', 'async_action_payloads', 'events']
    const before = await Promise.all(tables.map((table) => rig.count(table)))
    const refusal = await rig.schedule(projectId).catch((error: unknown) => error)
    expect(refusal).toBeInstanceOf(RequestError)
    expect(refusal).toMatchObject({ status: 429, extra: { headers: { 'Retry-After': '10' } } })
    expect(await Promise.all(tables.map((table) => rig.count(table)))).toEqual(before)
    expect(rig.announced).toHaveLength(20)
  })

  it('does not keep other projects from being served', async () => {
    await expect(rig.projectWith('a')).resolves.toBeDefined()
  })

  it('may have another as soon as one has ended', async () => {
    await store.query('UPDATE async_actions SET finished_at = now() WHERE id = $1', [(await ids())[7]])
    await rig.schedule(projectId)
    await expect(rig.schedule(projectId)).rejects.toThrow(RequestError)
  })
})

describe('A project with nearly all the rows waiting that it may have', () => {
  /** Accepts a request whose rows take so many bytes while they wait; what they say does not matter here. */
  const schedule = async (bytes: number): Promise<string> => {
    const payload = Readable.from([{ firstRow: 0, rowCount: 1, packed: new Uint8Array(bytes) }])
    return (await rig.scheduler.schedule({ projectId, requestId: 'v-1', client: 'app' }, OPERATION, payload))
      .asyncActionId
  }

  it('is refused a request that would be too much with 429 and what waits, and nothing of it is left behind', async () => {
    await schedule(900)
    const refusal = await schedule(101).catch((error: unknown) => error)
    expect(refusal).toMatchObject({
      status: 429,
      details:
        'The 1 unfinished asynchronous actions of the project have 900 bytes of rows waiting; ' +
        'with the 101 of this request it were more than 1000, the most it may have.',
      extra: { headers: { 'Retry-After': '10' } },
    })
    expect(await rig.count('async_action_payloads')).toBe(1)
    await schedule(100)
  })

  it('may have more as soon as something has ended, and does not keep others from being served', async () => {
    const first = await schedule(900)
    await rig.projectWith('a')
    await store.query('UPDATE async_actions SET finished_at = now() WHERE id = $1', [first])
    await schedule(900)
  })

  it('is never refused what nothing waits before, however large', async () => {
    await expect(schedule(5_000)).resolves.toBeDefined()
  })

  it('cannot exceed it by requests that overlap', async () => {
    const requests = Array.from({ length: 10 }, () => schedule(300))
    const outcomes = await Promise.allSettled(requests)
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(3)
  })
})

it('Requests that overlap cannot exceed the open actions a project may have', async () => {
  const requests = await Promise.allSettled(Array.from({ length: 30 }, () => rig.schedule(projectId)))
  expect(requests.filter(({ status }) => status === 'fulfilled')).toHaveLength(20)
  expect(await rig.count('async_actions')).toBe(20)
})
