import { allotInstants } from '../../src/customers/store/customer-clock.js'
import { openStore, type TestStore } from '../support/test-store.factory.js'

let store: TestStore
let projectId: string

beforeAll(async () => {
  store = await openStore()
})
beforeEach(async () => {
  projectId = await store.newProject()
})
afterAll(() => store.close())

const allot = (project: string, count: number): Promise<number> =>
  store.database.inProject(project, (session) => allotInstants(session, project, count))

describe('The clock of a project’s customers', () => {
  it('gives out the present, to the microsecond', async () => {
    const now = async (): Promise<number> => {
      const [row] = await store.query<{ now: string }>(
        'SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint AS now',
      )
      return Number(row?.now)
    }
    const before = await now()
    const start = await allot(projectId, 1)
    expect(Number.isSafeInteger(start)).toBe(true)
    expect(start).toBeGreaterThanOrEqual(before)
    expect(start).toBeLessThanOrEqual(await now())
  })

  it('gives out every instant once, and later ones later', async () => {
    let end = 0
    for (const count of [1, 1, 7, 1_000, 1, 600_000, 1, 2]) {
      const start = await allot(projectId, count)
      expect(start).toBeGreaterThan(end)
      end = start + count - 1
    }
  })

  it('gives out ranges that do not touch to whoever asks at the same time', async () => {
    const counts = Array.from({ length: 40 }, (_, index) => 1 + (index % 7) * 1_000)
    const ranges = await Promise.all(
      counts.map(async (count) => {
        const start = await allot(projectId, count)
        return { start, end: start + count - 1 }
      }),
    )
    ranges.sort((one, other) => one.start - other.start)
    for (const [index, { start }] of ranges.slice(1).entries()) {
      expect(start).toBeGreaterThan(ranges[index]?.end ?? 0)
    }
  })

  it('never goes back when the clock of the machine does', async () => {
    const start = await allot(projectId, 1)
    await store.query(
      `UPDATE customer_clocks SET last_created_at = last_created_at + interval '1 hour' WHERE project_id = $1`,
      [projectId],
    )
    const later = await allot(projectId, 5)
    expect(later).toBeGreaterThan(start + 3_600_000_000)
    expect(await allot(projectId, 1)).toBeGreaterThan(later + 4)
  })

  it('keeps nobody waiting who asks while the transaction is still being left', async () => {
    const transaction = await store.begin(projectId)
    const start = await allotInstants(transaction.session, projectId, 10)
    expect(await allot(projectId, 1)).toBeGreaterThan(start + 9)
    await transaction.commit()
  })
})
