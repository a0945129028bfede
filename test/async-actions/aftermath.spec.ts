import { beginWithNotes, type TestRunner } from '../support/runner.factory.js'
import { type TestStore } from '../support/test-store.factory.js'

let store: TestStore
let rig: TestRunner
let projectId: string

beginWithNotes((notes) => {
  ;({ store, rig, projectId } = notes)
})

const INSERT_EVENT = `
  INSERT INTO events (project_id, stream_id, version, type, schema_version, data, occurred_at, keys)
  VALUES ($1, 'cust_1', 1, 'CustomerUpserted', 1, '{}', now(), '{1,2,3}')`

/** Pages of keys that were not sorted in; they are now. */
async function pagesOfKeys(): Promise<number> {
  const [row] = await store.query<{ pages: number }>(
    `SELECT gin_clean_pending_list('events_by_keys')::int AS pages`,
  )
  return row?.pages ?? -1
}

/** A worker that looks for work once; resolves when it has cleared up. */
async function work(): Promise<void> {
  const worker = rig.worker()
  await worker.ring()
  await worker.beforeApplicationShutdown()
}

describe('When nothing waits any more, a worker', () => {
  beforeEach(async () => {
    await pagesOfKeys()
    await store.query(INSERT_EVENT, [projectId])
  })

  it('sorts in the keys of new events, if it has done anything', async () => {
    await rig.schedule(projectId)
    await work()
    expect(await pagesOfKeys()).toBe(0)
  })

  it('does nothing, if there was nothing to do', async () => {
    await work()
    expect(await pagesOfKeys()).toBeGreaterThan(0)
  })

  it('minds no failure of that', async () => {
    await store.query('ALTER FUNCTION sort_in_keys RENAME TO gone')
    try {
      const done = await rig.schedule(projectId)
      await work()
      expect(await rig.action(done)).toMatchObject({ status: 'DONE' })
      expect(await pagesOfKeys()).toBeGreaterThan(0)
    } finally {
      await store.query('ALTER FUNCTION gone RENAME TO sort_in_keys')
    }
  })
})
