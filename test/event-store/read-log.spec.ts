import {
  type EventStore,
  type LogPosition,
  type RecordedEvent,
  START_OF_LOG,
} from '../../src/event-store/index.js'
import { eventStoreOf, happened, placesOf } from '../support/event.factory.js'
import { type OpenTransaction, openStore, type TestStore } from '../support/test-store.factory.js'

let store: TestStore
let projectId: string
const events: EventStore = eventStoreOf({ ThingHappened: [] })

beforeAll(async () => {
  store = await openStore()
})
beforeEach(async () => {
  projectId = await store.newProject()
})
afterAll(() => store.close())

const appendIn = ({ session }: OpenTransaction, streamId: string): Promise<void> =>
  events.append(session, { projectId, correlationId: 'v-1', causationId: 'aa_1' }, [
    { streamId, expectedVersion: 0, events: [happened()] },
  ])

async function append(streamId: string): Promise<void> {
  const transaction = await store.begin(projectId)
  await appendIn(transaction, streamId)
  await transaction.commit()
}

/** Takes its transaction id now, and with it its place in the log. */
const takeTurn = ({ session }: OpenTransaction): Promise<unknown> =>
  session.rows('SELECT pg_current_xact_id()')

/** Reads on as a subscription does: a few events at a time, each time after the last. */
class Subscription {
  readonly seen: RecordedEvent[] = []
  private after: LogPosition = START_OF_LOG

  constructor(private readonly limit = 100) {}

  /** All that can be read now. */
  async catchUp(): Promise<string[]> {
    for (;;) {
      const next = await store.database.acrossProjects((session) =>
        events.readLog(session, this.after, this.limit),
      )
      const last = next.at(-1)
      if (last === undefined) return this.places()
      this.after = { epoch: 1, transactionId: last.transactionId, appendPosition: last.appendPosition }
      this.seen.push(...next)
    }
  }

  /** Reads until it has seen so many; other databases of the server may hold the log back for a moment. */
  async until(count: number): Promise<string[]> {
    for (;;) {
      const places = await this.catchUp()
      if (places.length >= count) return places
    }
  }

  private places(): string[] {
    return placesOf(this.seen.filter((event) => event.projectId === projectId))
  }
}

describe('Reading the log', () => {
  it('gives the events of all streams in the order of their transactions', async () => {
    await append('a')
    await append('b')
    await append('c')
    expect(await new Subscription().until(3)).toEqual(['a@1', 'b@1', 'c@1'])
  })

  it('gives the events of all projects', async () => {
    const other = await store.newProject()
    await append('a')
    await store.database.inProject(other, (session) =>
      events.append(session, { projectId: other, correlationId: 'v-1', causationId: 'aa_1' }, [
        { streamId: 'b', expectedVersion: 0, events: [happened()] },
      ]),
    )
    await append('c')
    const subscription = new Subscription()
    await subscription.until(2)
    expect(subscription.seen.slice(-3).map((event) => event.projectId)).toEqual([projectId, other, projectId])
  })

  it.each([1, 2, 100])('gives every event once, %d appends at a time', async (limit) => {
    const streams = Array.from({ length: 7 }, (_, index) => `s${String(index)}`)
    for (const stream of streams) await append(stream)
    expect(await new Subscription(limit).until(7)).toEqual(streams.map((stream) => `${stream}@1`))
  })

  it.each([1, 2, 100])('counts transactions as numbers, %d appends at a time', async (limit) => {
    // Of a server that has just been made: each has one digit more than the one before.
    const transactions = ['9', '10', '100']
    for (const transaction of transactions) {
      await store.query(
        `WITH append AS (
           INSERT INTO appends (project_id, transaction_id, stream_ids, versions) VALUES ($1, $3::xid8, ARRAY[$2], '{1}')
           RETURNING position)
         INSERT INTO events (project_id, stream_id, version, type, schema_version, data, occurred_at, append_position)
         SELECT $1, $2, 1, 'ThingHappened', 1, '{}', now(), position FROM append`,
        [projectId, `s${transaction}`, transaction],
      )
    }
    expect(await new Subscription(limit).catchUp()).toEqual(['s9@1', 's10@1', 's100@1'])
  })

  it('goes on in the middle of a transaction', async () => {
    const transaction = await store.begin(projectId)
    for (const stream of ['a', 'b', 'c', 'd', 'e']) await appendIn(transaction, stream)
    await transaction.commit()
    expect(await new Subscription(2).until(5)).toEqual(['a@1', 'b@1', 'c@1', 'd@1', 'e@1'])
  })

  it('gives the events of an append all together, in their order', async () => {
    const streams = ['c', 'a', 'b'].map((streamId) => ({
      streamId,
      expectedVersion: 0,
      events: [happened(), happened()],
    }))
    await store.database.inProject(projectId, (session) =>
      events.append(session, { projectId, correlationId: 'v-1', causationId: 'aa_1' }, streams),
    )
    await append('d')
    const all = ['c@1', 'c@2', 'a@1', 'a@2', 'b@1', 'b@2', 'd@1']
    expect(await new Subscription(1).until(7)).toEqual(all)
  })

  it.each(['events', 'appends'])('does not pass over what somebody removed from %s', async (table) => {
    await append('a')
    await new Subscription().until(1)
    const from = (await store.query<{ place: string }>('SELECT max(position) AS place FROM appends'))[0]
      ?.place
    const remove = (key: string) =>
      store.query(
        `BEGIN; SET LOCAL session_replication_role = replica; DELETE FROM ${table} WHERE ${key} = ${from ?? ''}; COMMIT`,
      )
    await remove(table === 'events' ? 'append_position' : 'position')
    const reading = store.database.inProject(projectId, (session) =>
      table === 'appends'
        ? events.readStream(session, projectId, 'a')
        : events.readLog(session, START_OF_LOG, 1_000),
    )
    await expect(reading).rejects.toThrow('is missing')
    await store.query(`BEGIN; SET LOCAL session_replication_role = replica; TRUNCATE events, appends; COMMIT`)
  })

  it('gives nothing after the last event', async () => {
    await append('a')
    const subscription = new Subscription()
    await subscription.until(1)
    expect(await subscription.catchUp()).toEqual(['a@1'])
  })

  it('gives nothing of what is not committed, or never was', async () => {
    const transaction = await store.begin(projectId)
    await appendIn(transaction, 'a')
    const subscription = new Subscription()
    expect(await subscription.catchUp()).toEqual([])
    await transaction.rollBack()
    await append('b')
    expect(await subscription.until(1)).toEqual(['b@1'])
  })
})

describe('A subscription', () => {
  it('misses no event with a lower position that is committed later', async () => {
    const subscription = new Subscription()
    const [slow, quick] = [await store.begin(projectId), await store.begin(projectId)]
    await appendIn(slow, 'slow')
    await appendIn(quick, 'quick')
    await quick.commit()
    expect(await subscription.catchUp()).toEqual([])
    await slow.commit()
    expect(await subscription.until(2)).toEqual(['slow@1', 'quick@1'])
  })

  it('misses no event of a later transaction that has a lower position', async () => {
    const subscription = new Subscription(1)
    const [early, late] = [await store.begin(projectId), await store.begin(projectId)]
    await takeTurn(early)
    await appendIn(late, 'late')
    await appendIn(early, 'early')
    await late.commit()
    expect(await subscription.catchUp()).toEqual([])
    await early.commit()
    expect(await subscription.until(2)).toEqual(['early@1', 'late@1'])
    const [first, second] = subscription.seen.slice(-2)
    expect(Number(first?.appendPosition)).toBeGreaterThan(Number(second?.appendPosition))
  })

  it('waits for a long transaction of somebody else, and misses nothing', async () => {
    const subscription = new Subscription()
    await append('before')
    await subscription.until(1)
    const foreign = await store.begin(await store.newProject())
    await takeTurn(foreign)
    await append('during')
    await append('later')
    expect(await subscription.catchUp()).toEqual(['before@1'])
    await foreign.rollBack()
    expect(await subscription.until(3)).toEqual(['before@1', 'during@1', 'later@1'])
  })

  it('is not held up by a transaction that only reads', async () => {
    const reader = await store.begin(projectId)
    await reader.session.rows('SELECT count(*) FROM events')
    await append('a')
    expect(await new Subscription().until(1)).toEqual(['a@1'])
    await reader.rollBack()
  })

  it('sees every event exactly once while many write at the same time', async () => {
    const subscription = new Subscription(3)
    const streams = Array.from({ length: 40 }, (_, index) => `s${String(index)}`)
    const writing = Promise.all(streams.map(append))
    const places = await subscription.until(streams.length)
    await writing
    expect([...places].sort()).toEqual(streams.map((stream) => `${stream}@1`).sort())
  })

  it('is refused when it stands in another epoch: the database was restored', async () => {
    const read = (after: LogPosition) =>
      store.database.acrossProjects((session) => events.readLog(session, after, 10))
    await expect(read({ ...START_OF_LOG, epoch: 2 })).rejects.toThrow('another epoch')
    await store.query('UPDATE installation SET log_epoch = 2')
    await expect(read(START_OF_LOG)).rejects.toThrow('another epoch')
    await expect(read({ ...START_OF_LOG, epoch: 2 })).resolves.toEqual(expect.any(Array))
    await store.query('UPDATE installation SET log_epoch = 1')
  })
})
