import { type EventStore } from '../../src/event-store/index.js'
import { type JsonObject } from '../../src/kernel/index.js'
import { eventStoreOf, happened } from '../support/event.factory.js'
import { openStore, type TestStore } from '../support/test-store.factory.js'

let store: TestStore
let projectId: string

/** Three releases, each of which writes names in another shape. */
const splitName = ({ name, ...rest }: JsonObject): JsonObject => {
  const [first = '', last = ''] = (name as string).split(' ')
  return { ...rest, first, last }
}
const addTitle = (data: JsonObject): JsonObject => ({ title: null, ...data })
const [first, second, third] = [
  eventStoreOf({ PersonNamed: [] }),
  eventStoreOf({ PersonNamed: [splitName] }),
  eventStoreOf({ PersonNamed: [splitName, addTitle] }),
]

beforeAll(async () => {
  store = await openStore()
})
beforeEach(async () => {
  projectId = await store.newProject()
})
afterAll(() => store.close())

const append = (release: EventStore, expectedVersion: number, data: object, type = 'PersonNamed') =>
  store.database.inProject(projectId, (session) =>
    release.append(session, { projectId, correlationId: 'v-1', causationId: 'aa_1' }, [
      { streamId: 'person', expectedVersion, events: [happened(data, type)] },
    ]),
  )

const read = async (release: EventStore): Promise<JsonObject[]> =>
  (
    await store.database.inProject(projectId, (session) => release.readStream(session, projectId, 'person'))
  ).map(({ data }) => data)

describe('Events of earlier releases', () => {
  it('are read in the current shape, step by step from whichever they were written in', async () => {
    await append(first, 0, { name: 'Ada Lovelace' })
    await append(second, 1, { first: 'Grace', last: 'Hopper' })
    await append(third, 2, { title: 'Dr', first: 'Mary', last: 'Jackson' })
    expect(await read(third)).toEqual([
      { title: null, first: 'Ada', last: 'Lovelace' },
      { title: null, first: 'Grace', last: 'Hopper' },
      { title: 'Dr', first: 'Mary', last: 'Jackson' },
    ])
  })

  it('stay in the log as they were written', async () => {
    await append(first, 0, { name: 'Ada Lovelace' })
    await read(third)
    expect(
      await store.query('SELECT schema_version, data::json FROM events WHERE project_id = $1', [projectId]),
    ).toEqual([{ schema_version: 1, data: { name: 'Ada Lovelace' } }])
  })

  it('are stored with the schema version they are written in', async () => {
    await append(third, 0, { title: null, first: 'Ada', last: '' })
    expect(await store.query('SELECT schema_version FROM events WHERE project_id = $1', [projectId])).toEqual(
      [{ schema_version: 3 }],
    )
  })
})

describe('Events of a later release', () => {
  it('are refused rather than misread', async () => {
    await append(third, 0, { title: null, first: 'Ada', last: '' })
    await expect(read(second)).rejects.toThrow('PersonNamed has schema version 3: a newer release wrote it.')
  })
})

describe('A type of event', () => {
  it('that nobody registered is neither written', async () => {
    await expect(append(first, 0, {}, 'PersonForgotten')).rejects.toThrow('PersonForgotten is not registered')
    expect(await read(first)).toEqual([])
  })

  it('nor read', async () => {
    await append(eventStoreOf({ PersonForgotten: [] }), 0, {}, 'PersonForgotten')
    await expect(read(first)).rejects.toThrow('PersonForgotten is not registered')
  })

  it('belongs to one module: a second that claims it is refused', () => {
    const events = eventStoreOf({ PersonNamed: [] })
    events.register({ PersonMoved: [] })
    expect(() => {
      events.register({ PersonNamed: [splitName] })
    }).toThrow('PersonNamed is registered twice')
  })
})
