import { type Lane } from '../../src/async-actions/run/lanes.js'
import { beginWithNotes, type TestRunner } from '../support/runner.factory.js'
import { type TestStore } from '../support/test-store.factory.js'

let store: TestStore
let rig: TestRunner
let projectId: string

beginWithNotes((notes) => {
  ;({ store, rig, projectId } = notes)
})

async function claimed(): Promise<Lane> {
  const lane = await rig.lanes.claim()
  if (lane === undefined) throw new Error('There is no lane to claim.')
  return lane
}

/** A worker takes the lane and is not heard of again. */
async function lose(times = 1): Promise<void> {
  for (let time = 0; time < times; time++) {
    await claimed()
    await rig.expire(projectId)
  }
}

const attemptsAt = async (id: string) => (await rig.action(id))['attempts']

describe('The attempts at an action', () => {
  it('are counted before anything is done, and each claim tells how many there were', async () => {
    const id = await rig.schedule(projectId)
    expect(await attemptsAt(id)).toBe(0)
    expect((await claimed()).attempts).toBe(1)
    expect(await rig.action(id)).toMatchObject({ attempts: 1, status: 'ENQUEUED' })
    await rig.expire(projectId)
    expect((await claimed()).attempts).toBe(2)
  })

  it('are those at the action whose turn it is, and at no other', async () => {
    const [first, second] = [await rig.schedule(projectId), await rig.schedule(projectId)]
    const others = await rig.projectWith('a')
    await store.query(`UPDATE lanes SET last_served = 'infinity' WHERE project_id = $1`, [others])
    await lose(2)
    expect([await attemptsAt(first), await attemptsAt(second)]).toEqual([2, 0])
    expect(await store.query('SELECT attempts FROM async_actions WHERE project_id = $1', [others])).toEqual([
      { attempts: 0 },
    ])
  })

  it('are forgotten when a chunk takes effect', async () => {
    const id = await rig.schedule(projectId, [['a'], ['b']])
    await lose(3)
    const stop = new AbortController()
    const lane = await claimed()
    await rig.runner.run(lane, {
      stop: stop.signal,
      contended: false,
      rowByRow: true,
      onProgress: () => {
        stop.abort()
      },
    })
    expect(await rig.action(id)).toMatchObject({ attempts: 0, next_chunk: 1, status: 'IN_PROGRESS' })
  })

  it('do not include those of a worker that gave the lane back: it has survived them', async () => {
    const id = await rig.schedule(projectId)
    await lose(3)
    await rig.lanes.release(await claimed())
    expect(await attemptsAt(id)).toBe(3)
  })

  it('are not taken back by a worker that lost the lane to another', async () => {
    const id = await rig.schedule(projectId)
    const lost = await claimed()
    await rig.expire(projectId)
    await claimed()
    await rig.lanes.release(lost)
    expect(await attemptsAt(id)).toBe(2)
  })

  it('are not taken back from the next action when one is done', async () => {
    await rig.schedule(projectId)
    const lane = await claimed()
    const next = await rig.schedule(projectId)
    await rig.runner.fail(lane, 'why')
    await rig.lanes.release(lane)
    expect(await attemptsAt(next)).toBe(0)
  })

  it.each([
    ['an outage', '57P01'],
    ['a deadlock', '40P01'],
    ['a fault', 'XX000'],
  ])('are one, however often the same worker begins anew after %s', async (_, code) => {
    const id = await rig.schedule(projectId, [['a']])
    const seen: unknown[] = []
    rig.handler.before = async () => {
      seen.push(await attemptsAt(id))
      if (seen.length < 3) throw Object.assign(new Error('once more'), { code })
    }
    await rig.worker().ring()
    expect(seen).toEqual([1, 1, 1])
    expect(await rig.action(id)).toMatchObject({ status: 'DONE', attempts: 0 })
  })

  it('are none for a worker that is stopped before it began', async () => {
    const id = await rig.schedule(projectId)
    const worker = rig.worker()
    const claim = rig.lanes.claim.bind(rig.lanes)
    rig.lanes.claim = async () => {
      const lane = await claim()
      worker.onModuleDestroy()
      return lane
    }
    await worker.ring()
    expect(await rig.action(id)).toMatchObject({ status: 'ENQUEUED', attempts: 0 })
    expect(await rig.lanes.waiting(1)).toHaveLength(1)
  })
})

describe('An action that workers were lost at', () => {
  /** How many rows were applied at a time. */
  function watchApplied(): number[] {
    const sizes: number[] = []
    const apply = rig.handler.apply.bind(rig.handler)
    rig.handler.apply = (session, context, rows) => {
      sizes.push(rows.length)
      return apply(session, context, rows)
    }
    return sizes
  }

  it.each([
    [4, 'as a whole', [2, 3]],
    [5, 'row by row, and the chunk after as a whole again', [1, 1, 1, 2]],
    [19, 'row by row still', [1, 1, 1, 2]],
  ])('%i times is done %s', async (lost, _, sizes) => {
    const id = await rig.schedule(projectId, [
      ['a', 'b', 'c'],
      ['d', 'e'],
    ])
    await lose(lost)
    const applied = watchApplied()
    await rig.worker().ring()
    expect(applied.sort()).toEqual(sizes)
    expect(await rig.action(id)).toMatchObject({ status: 'DONE', rows_done: 5, rows_failed: 0, attempts: 0 })
  })

  it('20 times ends FAILED, untouched; the next one is done', async () => {
    const [deadly, next] = [await rig.schedule(projectId, [['a']]), await rig.schedule(projectId, [['b']])]
    await lose(20)
    await rig.worker().ring()
    expect(await rig.action(deadly)).toMatchObject({
      status: 'FAILED',
      rows_done: 0,
      failure:
        'The system could not go on with this action: again and again it ended the process that was at it.',
    })
    expect(await rig.action(next)).toMatchObject({ status: 'DONE' })
    expect(await rig.notes()).toEqual(['b'])
  })

  it.each([
    [1, true],
    [2, false],
  ])('%i times is done beside others: %s', async (lost, beside) => {
    const suspect = await rig.schedule(projectId, [['suspect']])
    await lose(lost)
    for (const note of ['a', 'b', 'c', 'd']) await rig.projectWith(note)
    const running = new Set<string>()
    let most = 0
    rig.handler.before = async ({ text }) => {
      running.add(text)
      // Where they may be beside each other all wait for that; where not, nobody is seen however long one looks.
      for (let look = 0; look < (beside ? 5_000 : 20) && most < 2; look++) {
        await store.query('SELECT')
        if (running.has('suspect')) most = Math.max(most, running.size)
      }
      running.delete(text)
    }
    const worker = rig.worker({ lanesPerWorker: 5 })
    await Promise.all([1, 2, 3, 4, 5].map(() => worker.ring()))
    expect(await rig.action(suspect)).toMatchObject({ status: 'DONE' })
    expect(await rig.notes()).toHaveLength(5)
    expect(most > 1).toBe(beside)
    expect(await store.query('SELECT FROM async_actions WHERE attempts <> 0')).toEqual([])
  })
})
