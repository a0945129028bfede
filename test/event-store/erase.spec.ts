import { type Session } from '../../src/database/index.js'
import { AT, eventStoreOf, happened } from '../support/event.factory.js'
import { openStore, type TestStore } from '../support/test-store.factory.js'

const REFUSED = 'events are append-only'
const COLUMNS_OF_APPENDS =
  'position, transaction_id, correlation_id, causation_id, stream_ids, versions, changes_from, changes_till'
/** By the secret of an event. */
const KEYS = new Map<unknown, (number | undefined)[]>([
  [1, [undefined, 7]],
  [3, [11]],
  [4, [8, 9, 10]],
])

let store: TestStore
let projectId: string
const events = eventStoreOf({ ThingHappened: [(data) => ({ ...data, upcast: true })], OtherHappened: [] })

beforeAll(async () => {
  store = await openStore()
})
beforeEach(async () => {
  projectId = await store.newProject()
  const context = { projectId, correlationId: 'v-1', causationId: 'aa_1' }
  const appending = events.appending(
    context,
    [
      {
        streamId: 'thing',
        expectedVersion: 0,
        events: [happened({ secret: 1 }), happened({ secret: 2 }, 'OtherHappened'), happened({ secret: 3 })],
      },
      { streamId: 'other', expectedVersion: 0, events: [happened({ secret: 4 })] },
    ],
    ({ data }) => KEYS.get('secret' in data ? data.secret : undefined) ?? [],
  )
  await inProject(appending)
})
afterAll(() => store.close())

const inProject = <T>(work: (session: Session) => Promise<T>): Promise<T> =>
  store.database.inProject(projectId, work)
/** The owner of the tables, whom no policy binds. */
const asOwner = <T>(work: (session: Session) => Promise<T>): Promise<T> =>
  store.database.acrossProjects(async (session) => {
    await session.rows(`SELECT set_config('rollcall.project_id', $1, true)`, [projectId])
    return work(session)
  })
const erasingByHand = (statement: string): Promise<number> =>
  asOwner(async (session) => {
    await session.rows(`SELECT set_config('rollcall.erasing', 'on', true)`)
    return session.execute(statement)
  })
const rows = (columns = '*') =>
  store.query(`SELECT ${columns} FROM events WHERE project_id = $1 ORDER BY stream_id, version`, [projectId])
const foundBy = async (key: number): Promise<unknown[]> => {
  const found = await inProject((session) => session.rows('SELECT streams_found_by($1) AS stream', [[key]]))
  return found.map(({ stream }) => stream)
}
const secrets = async () => (await rows('data::json')).map(({ data }) => (data as { secret?: number }).secret)
const erase = (version?: number) =>
  inProject((session) =>
    events.erase(session, projectId, {
      streamId: 'thing',
      type: 'ThingHappened',
      data: {},
      ...(version !== undefined && { version }),
    }),
  )

describe('Erasing events', () => {
  it('takes their data, of one type in one stream, and leaves all else as it was', async () => {
    const columns = 'stream_id, version, type, occurred_at, append_position'
    const appends = () =>
      store.query(`SELECT ${COLUMNS_OF_APPENDS} FROM appends WHERE project_id = $1`, [projectId])
    const before = [await rows(columns), await appends()]
    expect(await erase()).toBe(2)
    expect(await secrets()).toEqual([4, undefined, 2, undefined])
    expect([await rows(columns), await appends()]).toEqual(before)
  })

  it('takes the keys under which the stream was found by their data', async () => {
    expect(await foundBy(7)).toEqual(['thing'])
    await erase()
    expect(await foundBy(7)).toEqual([])
    expect(await store.query('SELECT FROM appends WHERE keys @> ARRAY[7]')).toEqual([])
    expect(await foundBy(9)).toEqual(['other'])
  })

  it('takes the keys of events that a release without appends recorded', async () => {
    await store.query(
      `BEGIN; SET LOCAL session_replication_role = replica;
       UPDATE events SET transaction_id = a.transaction_id, append_position = NULL, keys = '{7}'
       FROM appends a WHERE a.project_id = events.project_id AND position = append_position; COMMIT`,
    )
    await erase()
    expect(await foundBy(7)).toEqual([])
    expect(await foundBy(9)).toEqual(['other'])
    expect((await rows('keys')).map(({ keys }) => keys)).toEqual([[7], null, [7], null])
  })

  it('takes the data of one event and its keys, when its version is given', async () => {
    expect(await erase(3)).toBe(1)
    expect(await secrets()).toEqual([4, 1, 2, undefined])
    expect([await foundBy(7), await foundBy(11)]).toEqual([['thing'], []])
    expect(await erase(2)).toBe(0)
    expect(await erase(9)).toBe(0)
  })

  it('leaves events that can be read, in the current shape', async () => {
    await store.query(
      `BEGIN; SET LOCAL session_replication_role = replica; UPDATE events SET schema_version = 1; COMMIT`,
    )
    await erase()
    const history = await inProject((session) => events.readStream(session, projectId, 'thing'))
    expect(history.map(({ version, occurredAt, data }) => [version, occurredAt, data])).toEqual([
      [1, AT, {}],
      [2, AT, { secret: 2 }],
      [3, AT, {}],
    ])
  })

  it('is undone with its transaction', async () => {
    const transaction = await store.begin(projectId)
    await events.erase(transaction.session, projectId, { streamId: 'thing', type: 'ThingHappened', data: {} })
    await transaction.rollBack()
    expect(await secrets()).toEqual([4, 1, 2, 3])
  })

  it('does not touch the stream of that name in another project', async () => {
    const other = await store.newProject()
    await store.database.inProject(other, (session) =>
      events.erase(session, other, { streamId: 'thing', type: 'ThingHappened', data: {} }),
    )
    expect(await secrets()).toEqual([4, 1, 2, 3])
  })

  it('is refused in a transaction of another project', async () => {
    const other = await store.newProject()
    const erasing = store.database.inProject(other, (session) =>
      events.erase(session, projectId, { streamId: 'thing', type: 'ThingHappened', data: {} }),
    )
    await expect(erasing).rejects.toThrow('an erasure is of the project of its transaction')
    expect(await secrets()).toEqual([4, 1, 2, 3])
  })
})

describe('Everything else that would change the log', () => {
  it.each([
    ['UPDATE', `UPDATE events SET data = '{}'`],
    ['UPDATE of nothing', `UPDATE events SET data = '{}' WHERE false`],
    ['DELETE', 'DELETE FROM events'],
    ['TRUNCATE', 'TRUNCATE events'],
    ['UPDATE of an append', 'UPDATE appends SET keys = NULL'],
    ['DELETE of an append', 'DELETE FROM appends'],
  ])('is refused even to the owner: %s', async (_, statement) => {
    await expect(store.query(statement)).rejects.toThrow(REFUSED)
    await expect(
      asOwner(async (session) => {
        await events.erase(session, projectId, { streamId: 'thing', type: 'ThingHappened', data: {} })
        await session.execute(statement)
      }),
    ).rejects.toThrow(REFUSED)
    expect(await secrets()).toEqual([4, 1, 2, 3])
  })

  it.each(['DELETE FROM events', 'TRUNCATE events', 'DELETE FROM appends', 'TRUNCATE appends'])(
    'is refused even to an owner who sets the flag by hand: %s',
    async (statement) => {
      await expect(erasingByHand(statement)).rejects.toThrow(REFUSED)
    },
  )

  it.each([
    'version = version + 10',
    `type = 'x'`,
    `occurred_at = now()`,
    `stream_id = 'x'`,
    `causation_id = 'x'`,
    `append_position = append_position + 1`,
    `transaction_id = '1'`,
    `global_position = 1`,
    `project_id = gen_random_uuid()`,
  ])('is refused even to an owner who sets the flag by hand: UPDATE … SET %s', async (assignment) => {
    await expect(erasingByHand(`UPDATE events SET ${assignment}`)).rejects.toThrow(
      'takes data out of events and nothing else',
    )
  })

  it.each([
    `correlation_id = NULL`,
    `causation_id = 'x'`,
    `transaction_id = '1'`,
    `stream_ids = '{x,x,x,x}'`,
    `versions = '{9,9,9,9}'`,
    `changes_from = now()`,
    `changes_till = now()`,
    `project_id = gen_random_uuid()`,
  ])('is refused even to an owner who sets the flag by hand: UPDATE appends SET %s', async (assignment) => {
    await expect(erasingByHand(`UPDATE appends SET ${assignment}`)).rejects.toThrow(
      'takes keys out of appends and nothing else',
    )
  })
})
