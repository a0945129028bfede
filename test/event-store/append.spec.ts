import fc from 'fast-check'
import { type EventStore, type StreamEvents, VersionConflictError } from '../../src/event-store/index.js'
import { AT, eventStoreOf, happened, placesOf } from '../support/event.factory.js'
import { openStore, type TestStore } from '../support/test-store.factory.js'

let store: TestStore
let projectId: string
const events: EventStore = eventStoreOf({ ThingHappened: [], OtherHappened: [] })

beforeAll(async () => {
  store = await openStore()
})
beforeEach(async () => {
  projectId = await store.newProject()
})
afterAll(() => store.close())

const context = () => ({ projectId, correlationId: 'v-1', causationId: 'aa_1' })

const append = (...streams: StreamEvents[]): Promise<void> =>
  store.database.inProject(projectId, (session) => events.append(session, context(), streams))

const thing = (expectedVersion: number, count = 1, streamId = 'thing'): StreamEvents => ({
  streamId,
  expectedVersion,
  events: Array.from({ length: count }, (_, index) => happened({ number: expectedVersion + index + 1 })),
})

const read = (streamId = 'thing', project = projectId) =>
  store.database.inProject(project, (session) => events.readStream(session, project, streamId))

/** Everything that the project has in the log. */
const countEvents = async (): Promise<number> =>
  (await store.query('SELECT FROM events WHERE project_id = $1', [projectId])).length

describe('Appending to a stream', () => {
  it('gives back what was appended, with who and what caused it', async () => {
    const data = { text: 'x', nested: [{ deep: null }] }
    await append({
      streamId: 'thing',
      expectedVersion: 0,
      events: [{ ...happened(data), occurredAt: AT + 7 }],
    })
    expect(await read()).toEqual([
      {
        projectId,
        streamId: 'thing',
        version: 1,
        type: 'ThingHappened',
        data,
        correlationId: 'v-1',
        causationId: 'aa_1',
        occurredAt: AT + 7,
        transactionId: expect.stringMatching(/^\d+$/) as string,
        appendPosition: expect.stringMatching(/^\d+$/) as string,
      },
    ])
  })

  it('numbers the events of a stream from 1 without gaps', async () => {
    await append(thing(0, 3))
    await append(thing(3, 2))
    expect(placesOf(await read())).toEqual(['thing@1', 'thing@2', 'thing@3', 'thing@4', 'thing@5'])
    expect((await read()).map(({ data }) => data['number'])).toEqual([1, 2, 3, 4, 5])
  })

  it('appends to many streams at once, new ones and old ones', async () => {
    await append(...Array.from({ length: 200 }, (_, index) => thing(0, 1 + (index % 3), `s${String(index)}`)))
    await append(
      ...Array.from({ length: 400 }, (_, index) =>
        thing(index < 200 ? 1 + (index % 3) : 0, 2, `s${String(index)}`),
      ),
    )
    expect(await countEvents()).toBe(200 + 199 + 800)
    expect(placesOf(await read('s2'))).toEqual(['s2@1', 's2@2', 's2@3', 's2@4', 's2@5'])
    expect(placesOf(await read('s399'))).toEqual(['s399@1', 's399@2'])
  })

  it.each([
    ['nothing', []],
    ['streams without events', [{ streamId: 'thing', expectedVersion: 0, events: [] }]],
  ])('appends %s without a trace', async (_, streams: StreamEvents[]) => {
    await append(...streams)
    expect(await countEvents()).toBe(0)
  })

  it.each([
    ['no event', `'{}', '{}', NULL`],
    ['an event without version', `'{a,b}', '{1}', NULL`],
    ['more keys for one event than for another', `'{a,b}', '{1,1}', '{1,2,3}'`],
  ])('records no append of %s', async (_, values) => {
    const insert = `INSERT INTO appends (project_id, stream_ids, versions, keys) VALUES ($1, ${values})`
    await expect(store.query(insert, [projectId])).rejects.toThrow('violates check constraint')
  })

  it('reads nothing of a stream that is not there', async () => {
    expect(await read('nowhere')).toEqual([])
  })

  it('keeps the streams of projects apart, even under one name', async () => {
    await append(thing(0, 2))
    const other = await store.newProject()
    expect(await read('thing', other)).toEqual([])
    await store.database.inProject(other, (session) =>
      events.append(session, { ...context(), projectId: other }, [thing(0)]),
    )
    expect(placesOf(await read('thing', other))).toEqual(['thing@1'])
    expect(placesOf(await read('thing'))).toEqual(['thing@1', 'thing@2'])
  })

  it('writes nothing when its transaction is rolled back', async () => {
    const transaction = await store.begin(projectId)
    await events.append(transaction.session, context(), [thing(0)])
    await transaction.rollBack()
    expect(await countEvents()).toBe(0)
    await append(thing(0))
  })
})

describe('A version that is not the expected one', () => {
  beforeEach(() => append(thing(0, 3)))

  it.each([
    ['new, while the stream is there', 0],
    ['behind', 2],
    ['ahead by one', 4],
    ['far ahead', 1_000],
  ])('is refused when it is %s, and nothing is written', async (_, expectedVersion) => {
    for (const count of [1, 3]) {
      await expect(append(thing(expectedVersion, count))).rejects.toThrow(VersionConflictError)
    }
    expect(await countEvents()).toBe(3)
  })

  it('is refused when the stream is not there at all', async () => {
    await expect(append(thing(1, 2, 'nowhere'))).rejects.toThrow(VersionConflictError)
    expect(await read('nowhere')).toEqual([])
  })

  it('is refused for all streams when it is wrong for one', async () => {
    const right = [thing(3), thing(0, 1, 'new')]
    await expect(append(...right, thing(7, 1, 'other'))).rejects.toThrow(VersionConflictError)
    await expect(append(...right, thing(0, 1, 'new'))).rejects.toThrow(VersionConflictError)
    expect(await countEvents()).toBe(3)
  })

  it('does not look at the streams of other projects', async () => {
    const other = await store.newProject()
    await store.database.inProject(other, (session) =>
      events.append(session, { ...context(), projectId: other }, [thing(0, 5)]),
    )
    await expect(append(thing(5))).rejects.toThrow(VersionConflictError)
  })

  it('is refused to the second of two writers, however they overlap', async () => {
    const [first, second] = await Promise.all([store.begin(projectId), store.begin(projectId)])
    await events.append(first.session, context(), [thing(3)])
    const late = events.append(second.session, context(), [thing(3)])
    const refused = expect(late).rejects.toThrow(VersionConflictError)
    await first.commit()
    await refused
    await second.rollBack()
    expect(await countEvents()).toBe(4)
  })

  it('is the right one for the second writer when the first gives up', async () => {
    const [first, second] = await Promise.all([store.begin(projectId), store.begin(projectId)])
    await events.append(first.session, context(), [thing(3)])
    const late = events.append(second.session, context(), [thing(3)])
    await first.rollBack()
    await late
    await second.commit()
    expect(placesOf(await read()).at(-1)).toBe('thing@4')
  })

  it('is right for exactly one of many writers', async () => {
    const writers = await Promise.allSettled(Array.from({ length: 10 }, () => append(thing(3, 2))))
    expect(writers.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    for (const writer of writers) {
      if (writer.status === 'rejected') expect(writer.reason).toBeInstanceOf(VersionConflictError)
    }
    expect(await countEvents()).toBe(5)
  })
})

describe('What an event holds', () => {
  const anyText = fc.array(fc.nat(0xffff)).map((units) => String.fromCharCode(...units))

  it('comes back exactly, also what no text column could hold: NUL and halves of surrogate pairs', async () => {
    const data = { 'k\0\ud800': ['\0', '\ud800', '\udc00x', '\ude00\ud83d', '😀', '\u2028', '"\\'] }
    await append({ streamId: 'thing', expectedVersion: 0, events: [happened(data)] })
    expect((await read())[0]?.data).toEqual(data)
  })

  it('comes back exactly, whatever it is', async () => {
    const anyData = fc.dictionary(anyText, fc.oneof(anyText, fc.jsonValue({ maxDepth: 3 })))
    let run = 0
    await fc.assert(
      fc.asyncProperty(fc.array(anyData, { minLength: 1, maxLength: 5 }), async (all) => {
        const streamId = `run ${String(++run)}`
        const stored = all.map((data) => JSON.parse(JSON.stringify(data)) as object)
        await append({ streamId, expectedVersion: 0, events: stored.map((data) => happened(data)) })
        expect((await read(streamId)).map(({ data }) => data)).toStrictEqual(stored)
      }),
      { numRuns: 50 },
    )
  })

  it('keeps the order of its keys', async () => {
    await append({ streamId: 'thing', expectedVersion: 0, events: [happened({ b: 1, a: { d: 1, c: 2 } })] })
    expect(JSON.stringify((await read())[0]?.data)).toBe('{"b":1,"a":{"d":1,"c":2}}')
  })
})

describe('The log', () => {
  beforeEach(() => append(thing(0, 2)))

  it.each([
    ['UPDATE', `UPDATE events SET data = '{}' WHERE project_id = $1`],
    ['DELETE', 'DELETE FROM events WHERE project_id = $1'],
  ])('refuses %s, whoever asks', async (operation, sql) => {
    await expect(store.query(sql, [projectId])).rejects.toThrow(
      `events are append-only: ${operation} refused`,
    )
    expect(await countEvents()).toBe(2)
  })

  it('refuses to be emptied', async () => {
    await expect(store.query('TRUNCATE events')).rejects.toThrow('events are append-only: TRUNCATE refused')
    await expect(store.query('TRUNCATE events CASCADE')).rejects.toThrow('append-only')
    expect(await countEvents()).toBe(2)
  })

  it('refuses an upsert that would change an event', async () => {
    await expect(
      store.query(
        `INSERT INTO events (project_id, stream_id, version, type, schema_version, data, occurred_at)
         VALUES ($1, 'thing', 1, 'x', 1, '{}', now()) ON CONFLICT (project_id, stream_id, version) DO UPDATE SET type = 'x'`,
        [projectId],
      ),
    ).rejects.toThrow('append-only')
  })

  it('refuses versions below 1', async () => {
    await expect(append(thing(-1, 1, 'other'))).rejects.toThrow(VersionConflictError)
    await expect(
      store.query(
        `INSERT INTO events (project_id, stream_id, version, type, schema_version, data, occurred_at)
         VALUES ($1, 'other', 0, 'x', 1, '{}', now())`,
        [projectId],
      ),
    ).rejects.toThrow('events_version_check')
  })
})
