import { PayloadSweeper } from '../../src/async-actions/retention/payload-sweeper.js'
import { openNotes, TestRunner } from '../support/runner.factory.js'
import { type TestStore } from '../support/test-store.factory.js'

let store: TestStore
let test: TestRunner
let sweeper: PayloadSweeper

beforeAll(async () => {
  store = await openNotes()
})
beforeEach(async () => {
  await store.clear()
  test = new TestRunner(store)
  sweeper = new PayloadSweeper(store.database)
})
afterAll(() => store.close())

const kept = async (): Promise<string[]> => {
  const rows = await store.query<{ id: string }>(
    'SELECT DISTINCT async_action_id AS id FROM async_action_payloads ORDER BY 1',
  )
  return rows.map(({ id }) => id)
}

describe('The rows of an action', () => {
  it('are removed when it has ended, and kept until then', async () => {
    const projectId = await store.newProject()
    const ended = await test.schedule(projectId, [['a'], ['b']])
    expect(await sweeper.sweep()).toBe(0)
    expect(await kept()).toEqual([ended])
    await test.worker().ring()
    const waiting = await test.schedule(projectId, [['c']])
    expect(await sweeper.sweep()).toBe(1)
    expect(await kept()).toEqual([waiting])
    expect(await test.report(ended)).toBe('a,false,true,,,\r\nb,false,true,,,\r\n')
    await test.worker().ring()
    expect((await test.notes()).sort()).toEqual(['a', 'b', 'c'])
  })

  it('are removed when it ended FAILED', async () => {
    const failing = await test.schedule(await store.newProject(), [['a'], ['b']])
    await store.query('UPDATE async_action_payloads SET packed = $1 WHERE chunk = 1', [Buffer.from('?')])
    await test.worker().ring()
    expect(await test.action(failing)).toMatchObject({ status: 'FAILED' })
    await sweeper.sweep()
    expect(await kept()).toEqual([])
  })

  it('are removed of all projects, by several sweepers at the same time', async () => {
    for (let index = 0; index < 5; index++) await test.schedule(await store.newProject(), [['a'], ['b']])
    await test.worker().ring()
    await Promise.all([1, 2, 3].map(() => new PayloadSweeper(store.database).sweep()))
    await sweeper.sweep()
    expect(await kept()).toEqual([])
  })

  it('are left for the next look where somebody is at them; nobody waits', async () => {
    const projectId = await store.newProject()
    await test.schedule(projectId, [['a'], ['b']])
    await test.worker().ring()
    const other = await store.begin(projectId)
    await other.session.rows('SELECT FROM async_action_payloads WHERE chunk = 1 FOR UPDATE')
    await sweeper.sweep()
    expect(await store.query('SELECT chunk FROM async_action_payloads')).toEqual([{ chunk: 1 }])
    await other.commit()
    await sweeper.sweep()
    expect(await kept()).toEqual([])
  })

  it('are found by several looks when more actions wait than one goes through', async () => {
    const projectId = await store.newProject()
    await store.query(
      `INSERT INTO async_action_payloads (project_id, async_action_id, chunk, first_row, packed)
       SELECT $1, 'aa_' || lpad(n::text, 18, '0'), 0, 0, '' FROM generate_series(1, 2500) n`,
      [projectId],
    )
    await store.query(
      `INSERT INTO async_actions (project_id, id, version, type, status, request_id, row_count, chunk_count, created_at, updated_at, finished_at)
       SELECT $1, 'aa_' || lpad('2400', 18, '0'), 1, 'x', 'DONE', 'v', 0, 0, now(), now(), now()`,
      [projectId],
    )
    const looks = [await sweeper.sweep(), await sweeper.sweep(), await sweeper.sweep(), await sweeper.sweep()]
    expect(looks).toEqual([0, 0, 1, 0])
    expect(await kept()).toHaveLength(2499)
  })
})
