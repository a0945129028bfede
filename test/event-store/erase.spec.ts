import { type Session } from '../../src/database/index.js'
import { AT, eventStoreOf, happened } from '../support/event.factory.js'
import { openStore, type TestStore } from '../support/test-store.factory.js'

const REFUSED = 'events are append-only'

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
    ({ data }) => ('secret' in data && data.secret === 1 ? [7] : []),
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
const rows = (columns = '*') =>
  store.query(`SELECT ${columns} FROM events WHERE project_id = $1 ORDER BY stream_id, version`, [projectId])
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
    const columns =
      'stream_id, version, type, correlation_id, causation_id, occurred_at, transaction_id, global_position'
    const before = await rows(columns)
    expect(await erase()).toBe(2)
    expect(await secrets()).toEqual([4, undefined, 2, undefined])
    expect(await rows(columns)).toEqual(before)
  })

  it('takes the keys under which the stream was found by their data', async () => {
    const found = () => store.query('SELECT stream_id FROM events WHERE keys @> ARRAY[7]')
    expect(await found()).toEqual([{ stream_id: 'thing' }])
    await erase()
    expect(await found()).toEqual([])
  })

  it('takes the data of one event, when its version is given', async () => {
    expect(await erase(3)).toBe(1)
    expect(await secrets()).toEqual([4, 1, 2, undefined])
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

  it.each(['DELETE FROM events', 'TRUNCATE events'])(
    'is refused even to an owner who sets the flag by hand: %s',
    async (statement) => {
      await expect(
        asOwner(async (session) => {
          await session.rows(`SELECT set_config('rollcall.erasing', 'on', true)`)
          await session.execute(statement)
        }),
      ).rejects.toThrow(REFUSED)
    },
  )

  it.each([
    'version = version + 10',
    `type = 'x'`,
    `occurred_at = now()`,
    `stream_id = 'x'`,
    `correlation_id = NULL`,
    `causation_id = 'x'`,
    `transaction_id = '1'`,
    `project_id = gen_random_uuid()`,
  ])('is refused even to an owner who sets the flag by hand: UPDATE … SET %s', async (assignment) => {
    await expect(
      asOwner(async (session) => {
        await session.rows(`SELECT set_config('rollcall.erasing', 'on', true)`)
        await session.execute(`UPDATE events SET ${assignment}`)
      }),
    ).rejects.toThrow('takes data out of events and nothing else')
  })
})
