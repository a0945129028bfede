import { IdleMaintenance } from '../../src/async-actions/run/idle-maintenance.js'
import { type LaneRunner } from '../../src/async-actions/run/lane-runner.js'
import { type Settings } from '../../src/config/index.js'
import { beginWithNotes, type TestRunner } from '../support/runner.factory.js'
import { type TestStore } from '../support/test-store.factory.js'

let store: TestStore
let rig: TestRunner
let projectId: string

beginWithNotes((notes) => {
  ;({ store, rig, projectId } = notes)
})

const INSERT_APPEND = `
  INSERT INTO appends (project_id, stream_ids, versions, keys) VALUES ($1, '{cust_1}', '{1}', '{1,2,3}')`

/** Pages of the list of keys that were not sorted in; they are now. */
async function pagesOfKeys(): Promise<number> {
  const [row] = await store.query<{ pages: number }>(
    `SELECT gin_clean_pending_list('appends_by_keys')::int AS pages`,
  )
  return row?.pages ?? -1
}

const newWorker = (settings: Partial<Settings> = {}): LaneRunner =>
  rig.worker(settings, new IdleMaintenance(store.database, rig.events))

/** What a worker began has ended, its maintenance too. */
const atRest = (worker: LaneRunner): Promise<void> => worker.beforeApplicationShutdown()

describe('A worker that has found nothing more to do', () => {
  beforeEach(async () => {
    await pagesOfKeys()
    await store.query(INSERT_APPEND, [projectId])
  })

  it('has search keys sorted in', async () => {
    const worker = newWorker()
    await rig.schedule(projectId)
    await worker.ring()
    await atRest(worker)
    expect(await pagesOfKeys()).toBe(0)
  })

  it('does so once after work, and never without', async () => {
    const worker = newWorker()
    await worker.ring()
    await atRest(worker)
    expect(await pagesOfKeys()).toBeGreaterThan(0)
    await rig.schedule(projectId)
    await worker.ring()
    await atRest(worker)
    await store.query(INSERT_APPEND, [await store.newProject()])
    await worker.ring()
    await atRest(worker)
    expect(await pagesOfKeys()).toBeGreaterThan(0)
  })

  it('does not while it is still at work elsewhere', async () => {
    const worker = newWorker({ lanesPerWorker: 2 })
    let pages = -1
    rig.handler.before = async () => {
      await worker.ring()
      pages = await pagesOfKeys()
    }
    await rig.schedule(projectId)
    await worker.ring()
    await atRest(worker)
    expect(pages).toBeGreaterThan(0)
  })

  it('has ended its actions even if that fails', async () => {
    await store.query('ALTER FUNCTION sort_in_search_keys RENAME TO gone')
    try {
      const worker = newWorker()
      const done = await rig.schedule(projectId)
      await worker.ring()
      await atRest(worker)
      expect(await rig.action(done)).toMatchObject({ status: 'DONE' })
      expect(await pagesOfKeys()).toBeGreaterThan(0)
    } finally {
      await store.query('ALTER FUNCTION gone RENAME TO sort_in_search_keys')
    }
  })
})
