import { once } from 'node:events'
import { type Lane, LaneLostError } from '../../src/async-actions/run/lanes.js'
import { keepLease } from '../../src/async-actions/run/lease-keeper.js'
import { lockAcceptance } from '../../src/async-actions/schedule/acceptance-lock.js'
import { deferred } from '../support/deferred.factory.js'
import { beginWithNotes, type TestRunner } from '../support/runner.factory.js'
import { type TestStore } from '../support/test-store.factory.js'

let store: TestStore
let rig: TestRunner

beginWithNotes((notes) => {
  ;({ store, rig } = notes)
})

const claim = () => rig.lanes.claim()
const extend = (lane: Lane) =>
  store.database.inProject(lane.projectId, (session) => rig.lanes.extend(session, lane))

async function claimed(): Promise<Lane> {
  const lane = await claim()
  if (lane === undefined) throw new Error('There is no lane to claim.')
  return lane
}

/** Claims what there is, until there is nothing more. */
async function claimAll(): Promise<Lane[]> {
  const lane = await claim()
  return lane === undefined ? [] : [lane, ...(await claimAll())]
}

describe('A lane', () => {
  it('is not to be had where there is no work', async () => {
    await store.newProject()
    expect(await claim()).toBeUndefined()
  })

  it('is claimed once, however many actions wait in it', async () => {
    const projectId = await rig.projectWith('a', 'b')
    expect(await claim()).toMatchObject({ projectId })
    expect(await claim()).toBeUndefined()
  })

  it('goes to one of those who claim at the same time', async () => {
    const projects = await Promise.all(Array.from({ length: 5 }, () => rig.projectWith('a')))
    const lanes = await Promise.all(Array.from({ length: 12 }, claim))
    const holders = lanes.flatMap((lane) => (lane ? [lane.projectId] : []))
    expect(new Set(holders).size).toBe(holders.length)
    expect([...holders, ...(await claimAll()).map(({ projectId }) => projectId)].sort()).toEqual(
      [...projects].sort(),
    )
  })

  it('cannot be claimed while its holder lives', async () => {
    await rig.projectWith('a')
    const lane = await claimed()
    await extend(lane)
    expect(await claim()).toBeUndefined()
  })

  it('is free again when its holder is silent for too long, under a higher fence', async () => {
    const projectId = await rig.projectWith('a')
    const lost = await claimed()
    await rig.expire(projectId)
    const stolen = await claimed()
    expect(stolen.projectId).toBe(projectId)
    expect(Number(stolen.fence)).toBeGreaterThan(Number(lost.fence))
  })

  it('is refused to who lost it, and stays with who has it', async () => {
    const projectId = await rig.projectWith('a')
    const lost = await claimed()
    await rig.expire(projectId)
    const stolen = await claimed()
    await expect(extend(lost)).rejects.toThrow(LaneLostError)
    expect(await extend(stolen)).toEqual(expect.any(Number))
  })

  it('still belongs to who was silent, as long as nobody else claimed it', async () => {
    const projectId = await rig.projectWith('a')
    const lane = await claimed()
    await rig.expire(projectId)
    await extend(lane)
    expect(await claim()).toBeUndefined()
  })

  it('cannot be claimed between the check of its fence and the commit', async () => {
    const projectId = await rig.projectWith('a')
    const lane = await claimed()
    await rig.expire(projectId)
    const checked = deferred()
    const commit = deferred()
    const chunk = store.database.inProject(projectId, async (session) => {
      await rig.lanes.extend(session, lane)
      checked.resolve(undefined)
      await commit.promise
    })
    await checked.promise
    expect(await claim()).toBeUndefined()
    commit.resolve(undefined)
    await chunk
    expect(await claim()).toBeUndefined()
  })

  it('is extended to the time of PostgreSQL', async () => {
    await rig.projectWith('a')
    const lane = await claimed()
    const now = await extend(lane)
    const [row] = await store.query<{ lease: string; present: string }>(
      `SELECT (extract(epoch FROM lease_until) * 1000000)::bigint AS lease,
         (extract(epoch FROM clock_timestamp()) * 1000000)::bigint AS present FROM lanes`,
    )
    expect(now).toBeLessThanOrEqual(Number(row?.present))
    expect(Number(row?.lease) - now).toBeGreaterThan((rig.settings.laneLeaseMs - 10_000) * 1_000)
  })
})

describe('A lane that is given back', () => {
  it('names the action that waits in it, if there is one', async () => {
    const projectId = await store.newProject()
    const id = await rig.schedule(projectId)
    await rig.schedule(projectId)
    const lane = await claimed()
    expect(await rig.lanes.release(lane)).toBe(id)
    await store.query('UPDATE async_actions SET finished_at = now() WHERE project_id = $1', [projectId])
    expect(await rig.lanes.release(lane)).toBeUndefined()
  })

  it('is free at once', async () => {
    const projectId = await rig.projectWith('a')
    await rig.lanes.release(await claimed())
    expect(await claim()).toMatchObject({ projectId })
  })

  it('stays with its new holder when it was lost before', async () => {
    const projectId = await rig.projectWith('a')
    const lost = await claimed()
    await rig.expire(projectId)
    const stolen = await claimed()
    await rig.lanes.release(lost)
    expect(await claim()).toBeUndefined()
    await extend(stolen)
  })

  it('waits for an action that is being accepted, and so sees it', async () => {
    const projectId = await rig.projectWith('a')
    const lane = await claimed()
    await store.query('UPDATE async_actions SET finished_at = now()')
    const accepting = await store.begin(projectId)
    await lockAcceptance(accepting.session, projectId)
    const released = rig.lanes.release(lane)
    const waits = `pg_locks WHERE locktype = 'advisory' AND NOT granted
      AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`
    const gaveUp = released.then(() => 'without waiting')
    while ((await Promise.race([gaveUp, rig.count(waits)])) === 0);
    await accepting.session.rows(
      `INSERT INTO async_actions (project_id, id, version, type, status, request_id, row_count, chunk_count, created_at, updated_at)
       VALUES ($1, 'aa_late', 1, 'NOTES.WRITE', 'ENQUEUED', 'v-1', 0, 0, now(), now())`,
      [projectId],
    )
    await accepting.commit()
    expect(await released).toBe('aa_late')
  })
})

describe('A lane whose next action only a newer release knows', () => {
  it('is left alone, and with it what waits behind', async () => {
    const projectId = await store.newProject()
    await rig.schedule(projectId, [['a']], 'NOTES.BURN')
    await rig.schedule(projectId)
    expect(await claim()).toBeUndefined()
    const other = await rig.projectWith('a')
    expect(await claim()).toMatchObject({ projectId: other })
  })

  it('is served when the action before it is known', async () => {
    const projectId = await rig.projectWith('a')
    await rig.schedule(projectId, [['a']], 'NOTES.BURN')
    expect(await claim()).toMatchObject({ projectId })
  })
})

describe('A lease', () => {
  it('is renewed by itself while its lane is held', async () => {
    const projectId = await rig.projectWith('a')
    const lane = await claimed()
    const lease = keepLease(rig.lanes, lane, 60)
    await rig.expire(projectId)
    while ((await rig.count('lanes WHERE lease_until > clock_timestamp()')) === 0);
    expect(lease.lost.aborted).toBe(false)
    lease.end()
  })

  it('is found lost when its lane is another’s, and never extends the other’s', async () => {
    const projectId = await rig.projectWith('a')
    const lost = await claimed()
    await rig.expire(projectId)
    await claimed()
    await rig.expire(projectId)
    const lease = keepLease(rig.lanes, lost, 60)
    if (!lease.lost.aborted) await once(lease.lost, 'abort')
    lease.end()
    expect(await rig.count('lanes WHERE lease_until > clock_timestamp()')).toBe(0)
  })

  it('can be asked for again only by who holds the lane', async () => {
    const projectId = await rig.projectWith('a')
    const lost = await claimed()
    expect(await rig.lanes.renew(lost)).toBe(true)
    await rig.expire(projectId)
    const stolen = await claimed()
    expect(await rig.lanes.renew(lost)).toBe(false)
    expect(await rig.lanes.renew(stolen)).toBe(true)
  })
})

describe('Lanes with work', () => {
  it('are served in turn: the one that has waited longest first', async () => {
    for (let project = 0; project < 3; project++) await rig.projectWith('a')
    const first = await claimAll()
    for (const lane of [...first].reverse()) await rig.lanes.release(lane)
    const second = await claimAll()
    expect(first).toHaveLength(3)
    expect(second.map(({ projectId }) => projectId)).toEqual(first.map(({ projectId }) => projectId))
  })

  it('that were never served come before all others', async () => {
    await rig.projectWith('a')
    await rig.lanes.release(await claimed())
    const projectId = await rig.projectWith('a')
    expect(await claim()).toMatchObject({ projectId })
  })

  it('that nobody holds are listed with the action whose turn it is', async () => {
    const projectId = await store.newProject()
    const [asyncActionId] = [await rig.schedule(projectId), await rig.schedule(projectId)]
    expect(await rig.lanes.waiting(10)).toEqual([{ projectId, asyncActionId }])
    await rig.lanes.claim()
    expect(await rig.lanes.waiting(10)).toEqual([])
    await rig.expire(projectId)
    expect(await rig.lanes.waiting(10)).toEqual([{ projectId, asyncActionId }])
  })

  it('are listed up to a limit, those first that have waited longest: in time each has its turn', async () => {
    for (let project = 0; project < 4; project++) await rig.projectWith('a')
    const served = await claimAll()
    for (const lane of [...served].reverse()) await rig.lanes.release(lane)
    const projects = [await rig.projectWith('never served'), ...served.map(({ projectId }) => projectId)]
    const listed = async (limit: number) => (await rig.lanes.waiting(limit)).map(({ projectId }) => projectId)
    expect(await listed(10)).toEqual(projects)
    expect(await listed(2)).toEqual(projects.slice(0, 2))
  })
})

it('An action that was begun keeps its turn: whoever asks is told of it, not of those behind', async () => {
  const projectId = await store.newProject()
  const [asyncActionId] = [await rig.schedule(projectId), await rig.schedule(projectId, [], 'NOTES.BURN')]
  const lane = await claimed()
  const options = {
    stop: AbortSignal.abort(),
    contended: false,
    rowByRow: false,
    onProgress: () => undefined,
  }
  await rig.runner.run(lane, options)
  expect((await rig.action(asyncActionId)).status).toBe('IN_PROGRESS')
  const head = await store.database.inProject(projectId, (session) => rig.actions.head(session, projectId))
  expect(head?.id).toBe(asyncActionId)
  expect(await rig.lanes.release(lane)).toBe(asyncActionId)
  expect(await rig.lanes.waiting(1)).toEqual([{ projectId, asyncActionId }])
  expect(await claim()).toMatchObject({ projectId })
})
