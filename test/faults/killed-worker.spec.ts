import { expectInvariants } from '../support/invariants.js'
import { eventually, Rollcall } from '../support/rollcall.js'

/** Up to nine kills, each with the start of a worker: 5 s on a busy machine, and a lease that has to end before. */
const NINE_KILLS_MS = 600_000

describe('a worker killed in the middle of an action', () => {
  let rollcall: Rollcall

  beforeEach(async () => {
    rollcall = await Rollcall.start({ workers: 2, env: { CHUNK_BYTES: '3000', LANE_LEASE_MS: '500' } })
  })
  afterEach(() => rollcall.stop())

  const customers = (revision: number) =>
    Array.from({ length: 6_000 }, (_, n) => ({
      source_id: `c-${n}`,
      name: `Customer ${n}`,
      metadata: { revision },
    }))

  it(
    'loses and doubles nothing, and keeps the order',
    async () => {
      const ids = [
        await rollcall.bulk(customers(1)),
        await rollcall.bulk(customers(2)),
        await rollcall.bulk(customers(3)),
      ]
      for (const id of ids) await killOwnersDuring(id)

      const reports = []
      for (const id of ids) {
        const action = await rollcall.finished(id)
        expect(action).toMatchObject({ status: 'DONE', result: { done_count: 6_000, failed_count: 0 } })
        reports.push(await rollcall.report(action))
      }
      const sourceIds = customers(0).map(({ source_id }) => source_id)
      for (const report of reports) expect(report.map(({ source_id }) => source_id)).toEqual(sourceIds)
      expect(
        reports.map((report) => new Set(report.map(({ found, updated }) => `${found},${updated}`))),
      ).toEqual([new Set(['false,true']), new Set(['true,true']), new Set(['true,true'])])
      const [row] = await rollcall.query<{ customers: number; events: number; latest: number }>(
        `SELECT (SELECT count(*)::int FROM customers) AS customers,
              (SELECT count(*)::int FROM events WHERE stream_id LIKE 'cust%') AS events,
              (SELECT count(*)::int FROM customers WHERE document::json->'metadata'->>'revision' = '3') AS latest`,
      )
      expect(row).toEqual({ customers: 6_000, events: 18_000, latest: 6_000 })
      await expectInvariants(rollcall)
    },
    NINE_KILLS_MS,
  )

  /** Three times during the action, whoever holds the lane is killed; another process takes its place. */
  async function killOwnersDuring(id: string): Promise<void> {
    for (const percent of [5, 35, 70]) {
      const action = await eventually(`${id} is past ${percent} %`, async () => {
        const action = await rollcall.action(id)
        return action.progress >= percent ? action : undefined
      })
      if (action.status === 'DONE') return
      const [lane] = await rollcall.query<{ owner: string | null }>('SELECT owner FROM lanes')
      const owner = rollcall.workers.find(({ pid }) => lane?.owner?.endsWith(`:${pid ?? ''}`))
      if (owner) await rollcall.killWorker(owner)
      await rollcall.startWorker()
    }
  }
})

describe('an API killed right after its 202', () => {
  it('loses nothing: a worker that was not there yet finds the work', async () => {
    const rollcall = await Rollcall.start({ workers: 0 })
    try {
      const id = await rollcall.bulk([{ source_id: 'survivor' }])
      await rollcall.killApi()
      await rollcall.startApi()
      await rollcall.startWorker()
      expect(await rollcall.finished(id)).toMatchObject({ status: 'DONE', result: { done_count: 1 } })
      await expectInvariants(rollcall)
    } finally {
      await rollcall.stop()
    }
  })
})
