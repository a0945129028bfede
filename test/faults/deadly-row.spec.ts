import { once } from 'node:events'
import { join } from 'node:path'
import { expectInvariants } from '../support/invariants.js'
import { type Action, Rollcall } from '../support/rollcall.js'

const NODE_OPTIONS = `--require ${join(__dirname, '..', 'support', 'deadly-row.cjs')}`

/** Twenty workers start and die, and each time a lease has to end; a start takes 5 s on a busy machine. */
const TWENTY_DEATHS_MS = 600_000

describe('A row that takes its worker process down', () => {
  let rollcall: Rollcall
  let deaths: number
  let over: boolean
  let looking: Promise<void>

  beforeEach(async () => {
    rollcall = await Rollcall.start({ workers: 0, env: { LANE_LEASE_MS: '500', POLL_INTERVAL_MS: '100' } })
    deaths = 0
    over = false
  })
  afterEach(async () => {
    over = true
    await rollcall.stopWorkers()
    await looking
    await rollcall.stop()
  })

  /** As the launcher does it: what dies is started again. */
  async function lookAfterWorker(fewest: number): Promise<void> {
    while (!over) {
      const worker = await rollcall
        .startWorker({ NODE_OPTIONS, DEADLY_FROM: String(fewest) })
        .catch(() => undefined)
      if (worker !== undefined && worker.exitCode === null && worker.signalCode === null)
        await once(worker, 'exit')
      deaths++
    }
  }

  const customers = (...sourceIds: string[]) => sourceIds.map((source_id) => ({ source_id }))

  async function endsOf(...ids: string[]): Promise<Action[]> {
    const ended: Action[] = []
    for (const id of ids) ended.push(await rollcall.finished(id))
    return ended
  }

  it(
    'together with others only, is done alone: nothing is lost, and the action ends DONE',
    async () => {
      const id = await rollcall.bulk(customers('a', 'deadly', 'b'))
      looking = lookAfterWorker(2)
      const [action] = await endsOf(id)
      expect(action).toMatchObject({ status: 'DONE', result: { done_count: 3, failed_count: 0 } })
      // A worker that lost its lease because the machine is busy counts as well.
      expect(deaths).toBeGreaterThan(0)
      expect(deaths).toBeLessThanOrEqual(5)
      await expectInvariants(rollcall)
    },
    TWENTY_DEATHS_MS,
  )

  it(
    'whatever is done about it, ends its action FAILED; that of another project and the next of its own are done',
    async () => {
      const other = await rollcall.projects.create('other')
      const deadly = await rollcall.bulk(customers('a', 'deadly'))
      const next = await rollcall.bulk(customers('a', 'b'))
      const besides = await rollcall.bulk(customers('c'), other)
      looking = lookAfterWorker(1)
      expect(await rollcall.finished(besides, other)).toMatchObject({ status: 'DONE' })
      const [failed, done] = await endsOf(deadly, next)
      expect(failed).toMatchObject({
        status: 'FAILED',
        result: {
          done_count: 0,
          failed_count: 2,
          errors: [
            { key: 'internal_error', details: expect.stringContaining('ended the process') as string },
          ],
        },
      })
      expect(deaths).toBeGreaterThan(5)
      expect(deaths).toBeLessThanOrEqual(20)
      expect(done).toMatchObject({ status: 'DONE', result: { done_count: 2, failed_count: 0 } })
      expect((await rollcall.report(done as Action)).map(({ found }) => found)).toEqual(['false', 'false'])
      await expectInvariants(rollcall)
    },
    TWENTY_DEATHS_MS,
  )
})
