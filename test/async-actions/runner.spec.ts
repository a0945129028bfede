import { createHash } from 'node:crypto'
import { brotliCompressSync } from 'node:zlib'
import { type AsyncAction } from '../../src/async-actions/async-action.repository.js'
import { firstTurn, type Turn } from '../../src/async-actions/run/chunk-runner.js'
import { type Lane, LaneLostError } from '../../src/async-actions/run/lanes.js'
import { VersionConflictError } from '../../src/event-store/index.js'
import { pack } from '../../src/kernel/index.js'
import { deferred } from '../support/deferred.factory.js'
import { packed, STORE_AS_TEXT } from '../support/payload.factory.js'
import { type BeforeNote, beginWithNotes, type TestRunner } from '../support/runner.factory.js'
import { type TestStore } from '../support/test-store.factory.js'

let store: TestStore
let rig: TestRunner
let projectId: string

beginWithNotes((notes) => {
  ;({ store, rig, projectId } = notes)
})

const sortedNotes = async (): Promise<string[]> => (await rig.notes()).sort()

/** One worker works until nothing is left. */
const work = (): Promise<void> => rig.worker().ring()

async function claimed(): Promise<Lane> {
  const lane = await rig.lanes.claim()
  if (lane === undefined) throw new Error('There is no lane to claim.')
  return lane
}

const run = (lane: Lane, options: { stop?: AbortSignal; rowByRow?: boolean; onProgress?: () => void } = {}) =>
  rig.runner.run(lane, {
    stop: new AbortController().signal,
    contended: false,
    rowByRow: false,
    onProgress: () => undefined,
    ...options,
  })

/** Another worker takes the lane, as it may when the holder was silent for too long. */
async function steal(): Promise<Lane> {
  await rig.expire(projectId)
  return claimed()
}

/** Only the first time that the note is written. */
function onceAt(text: string, before: BeforeNote): BeforeNote {
  let done = false
  return (note, ...rest) => {
    if (done || note.text !== text) return undefined
    done = true
    return before(note, ...rest)
  }
}

const poisoned: BeforeNote = async ({ text }, session) => {
  if (text.startsWith('poison')) await session.rows('SELECT 1 / 0')
}

describe('An action', () => {
  it('is worked through chunk by chunk to its end', async () => {
    const id = await rig.schedule(projectId, [['a', 'b'], ['c'], ['d', 'a']])
    await work()
    expect(await sortedNotes()).toEqual(['a', 'a', 'b', 'c', 'd'])
    expect(await rig.action(id)).toMatchObject({
      status: 'DONE',
      rows_done: 5,
      rows_failed: 0,
      next_chunk: 3,
      failure: null,
      finished_at: expect.any(Date) as Date,
    })
    expect(await rig.report(id)).toBe(
      'a,false,true,,,\r\nb,false,true,,,\r\nc,false,true,,,\r\nd,false,true,,,\r\na,true,true,,,\r\n',
    )
  })

  it('tells its story in the log', async () => {
    const id = await rig.schedule(projectId, [['a'], ['b']])
    await work()
    expect(
      await store.query('SELECT version, type FROM events WHERE stream_id = $1 ORDER BY version', [id]),
    ).toEqual([
      { version: 1, type: 'AsyncActionScheduled' },
      { version: 2, type: 'AsyncActionStarted' },
      { version: 3, type: 'AsyncActionChunkProcessed' },
      { version: 4, type: 'AsyncActionChunkProcessed' },
      { version: 5, type: 'AsyncActionCompleted' },
    ])
  })

  it('without rows is done at once', async () => {
    const id = await rig.schedule(projectId, [])
    await work()
    expect(await rig.action(id)).toMatchObject({ status: 'DONE', rows_done: 0, rows_failed: 0 })
    expect(await rig.report(id)).toBe('')
  })

  it('has its report for as long as the settings say', async () => {
    const id = await rig.schedule(projectId)
    await work()
    const [row] = await store.query<{ days: string }>(
      `SELECT extract(epoch FROM reports_available_till - finished_at) / 86400 AS days FROM async_actions WHERE id = $1`,
      [id],
    )
    expect(Number(row?.days)).toBe(90)
  })

  it('that was interrupted goes on where it was, and every row counts once', async () => {
    const id = await rig.schedule(projectId, [['a'], ['b'], ['c'], ['d'], ['e'], ['f']])
    const stop = new AbortController()
    const lane = await claimed()
    await run(lane, {
      stop: stop.signal,
      onProgress: () => {
        stop.abort()
      },
    })
    const { status, next_chunk, rows_done } = await rig.action(id)
    expect([status, rows_done]).toEqual(['IN_PROGRESS', next_chunk])
    expect(next_chunk).toBeLessThan(6)
    await rig.lanes.release(lane)
    await work()
    expect(await sortedNotes()).toEqual(['a', 'b', 'c', 'd', 'e', 'f'])
    expect(await rig.action(id)).toMatchObject({ status: 'DONE', rows_done: 6 })
    expect((await rig.report(id)).split('\r\n').map((line) => line.slice(0, 1))).toEqual([
      'a',
      'b',
      'c',
      'd',
      'e',
      'f',
      '',
    ])
  })
})

describe('The actions of a project', () => {
  it('run one after the other, in the order in which they were accepted', async () => {
    for (const note of ['a', 'b', 'c', 'd']) await rig.schedule(projectId, [[`${note}1`], [`${note}2`]])
    await Promise.all([work(), work(), work()])
    expect((await rig.notes()).map((note) => note.charAt(0))).toEqual([
      'a',
      'a',
      'b',
      'b',
      'c',
      'c',
      'd',
      'd',
    ])
  })

  it('do not begin before the one before has ended, however many workers there are', async () => {
    const [first, second] = [await rig.schedule(projectId, [['a']]), await rig.schedule(projectId, [['b']])]
    const [reached, goOn] = [deferred(), deferred()]
    rig.handler.before = onceAt('a', async () => {
      reached.resolve(undefined)
      await goOn.promise
    })
    const working = work()
    await reached.promise
    await work()
    expect((await rig.action(first)).status).toBe('IN_PROGRESS')
    expect((await rig.action(second)).status).toBe('ENQUEUED')
    goOn.resolve(undefined)
    await working
    expect(await rig.notes()).toEqual(['a', 'b'])
  })

  it('do not keep those of other projects waiting: one worker serves two lanes side by side', async () => {
    await rig.schedule(projectId, [['waits for the other']])
    await rig.projectWith('the other')
    const other = deferred()
    rig.handler.before = async ({ text }) => {
      if (text === 'the other') other.resolve(undefined)
      else await other.promise
    }
    const worker = rig.worker({ lanesPerWorker: 2 })
    await Promise.all([worker.ring(), worker.ring()])
    expect((await rig.notes()).sort()).toEqual(['the other', 'waits for the other'])
  })

  it('take turns with those of other projects, action by action', async () => {
    const other = await store.newProject()
    for (const note of ['1', '2', '3']) {
      await rig.schedule(projectId, [[`one ${note}`]])
      await rig.schedule(other, [[`other ${note}`]])
    }
    await rig.worker({ lanesPerWorker: 1 }).ring()
    const notes = await rig.notes()
    expect(notes.map((note) => note.split(' ')[1])).toEqual(['1', '1', '2', '2', '3', '3'])
  })

  it('that come in while a worker works are done too, without another ring', async () => {
    rig.handler.before = onceAt('first', async () => {
      await rig.schedule(projectId, [['second']])
      await rig.projectWith('third')
    })
    await rig.schedule(projectId, [['first']])
    await rig.worker({ lanesPerWorker: 1 }).ring()
    expect((await rig.notes()).sort()).toEqual(['first', 'second', 'third'])
  })
})

describe('A worker that loses its lane in the middle of a chunk', () => {
  it('commits nothing of it', async () => {
    const id = await rig.schedule(projectId, [['a', 'b']])
    rig.handler.before = onceAt('a', async () => {
      await steal()
    })
    await expect(run(await claimed())).rejects.toThrow(LaneLostError)
    expect(await rig.notes()).toEqual([])
    expect(await rig.action(id)).toMatchObject({ status: 'IN_PROGRESS', next_chunk: 0, rows_done: 0 })
    expect(await rig.report(id)).toBe('')
    expect(await rig.count(`events WHERE type = 'AsyncActionChunkProcessed'`)).toBe(0)
  })

  it('stops, and leaves the rest to who has it', async () => {
    const id = await rig.schedule(projectId, [['a'], ['b']])
    rig.handler.before = onceAt('a', async () => {
      await steal()
    })
    await work()
    expect(await rig.notes()).toEqual([])
    await rig.expire(projectId)
    await work()
    expect(await sortedNotes()).toEqual(['a', 'b'])
    expect(await rig.action(id)).toMatchObject({ status: 'DONE', rows_done: 2 })
  })

  it('cannot double a chunk that the other has done meanwhile', async () => {
    const id = await rig.schedule(projectId, [['a'], ['b']])
    rig.handler.before = onceAt('a', async () => {
      await run(await steal())
    })
    await expect(run(await claimed())).rejects.toThrow(LaneLostError)
    expect(await sortedNotes()).toEqual(['a', 'b'])
    expect(await rig.action(id)).toMatchObject({ status: 'DONE', rows_done: 2 })
    expect(await rig.report(id)).toBe('a,false,true,,,\r\nb,false,true,,,\r\n')
  })

  it('can neither start nor fail the action', async () => {
    const id = await rig.schedule(projectId)
    const lost = await claimed()
    await steal()
    await expect(run(lost)).rejects.toThrow(LaneLostError)
    await expect(rig.runner.fail(lost, 'why')).rejects.toThrow(LaneLostError)
    expect(await rig.action(id)).toMatchObject({ status: 'ENQUEUED', version: 1 })
  })
})

describe('A chunk', () => {
  async function readyChunk() {
    const id = await rig.schedule(projectId, [['a', 'b'], ['c']])
    const lane = await claimed()
    const stop = AbortSignal.abort()
    await run(lane, { stop })
    const action = await store.database.inProject(projectId, (session) =>
      rig.actions.head(session, projectId),
    )
    if (action === undefined) throw new Error('There is no action.')
    return { id, lane, action }
  }

  it('takes effect once: done again by the same holder it is refused, and nothing is doubled', async () => {
    const { id, lane, action } = await readyChunk()
    const chunk = await rig.reader.read(action, 0, false)
    await rig.chunks.run(lane, firstTurn(action), chunk).done
    await expect(rig.chunks.run(lane, firstTurn(action), chunk).done).rejects.toThrow(VersionConflictError)
    expect(await rig.notes()).toEqual(['a', 'b'])
    expect(await rig.action(id)).toMatchObject({ next_chunk: 1, rows_done: 2 })
  })

  /** A chunk that has the lane, while the chunk before has not come to its end. */
  async function heldChunk() {
    const { id, lane, action } = await readyChunk()
    const before = deferred<AsyncAction>()
    const turn = { held: Promise.resolve(), done: before.promise }
    const { held, done } = rig.chunks.run(lane, turn, await rig.reader.read(action, 0, false))
    await held
    return { id, action, before, done }
  }

  it('has the lane before the chunk before has committed, and waits for that', async () => {
    const { id, action, before, done } = await heldChunk()
    expect(await rig.action(id)).toMatchObject({ next_chunk: 0, rows_done: 0 })
    before.resolve(action)
    await done
    expect(await rig.action(id)).toMatchObject({ next_chunk: 1, rows_done: 2 })
  })

  it('leaves nothing behind when the chunk before fails after all', async () => {
    const { id, before, done } = await heldChunk()
    before.reject(new Error('on purpose'))
    await expect(done).rejects.toThrow('on purpose')
    expect(await rig.notes()).toEqual([])
    expect(await rig.action(id)).toMatchObject({ next_chunk: 0, rows_done: 0 })
  })

  it('out of its turn is refused', async () => {
    const { lane, action } = await readyChunk()
    await expect(
      rig.chunks.run(lane, firstTurn(action), await rig.reader.read(action, 1, false)).done,
    ).rejects.toThrow('turn')
    expect(await rig.notes()).toEqual([])
  })

  it('row by row gives up the poisoned row alone, and undoes what that row did', async () => {
    const id = await rig.schedule(projectId, [['a', 'poison', 'b']])
    rig.handler.before = poisoned
    await run(await claimed(), { rowByRow: true })
    expect(await rig.notes()).toEqual(['a', 'b'])
    expect(await rig.action(id)).toMatchObject({ status: 'DONE', rows_done: 3, rows_failed: 1 })
    expect(await rig.report(id)).toBe(
      'a,false,true,,,\r\npoison,false,false,internal_error,Internal error,Given up.\r\nb,false,true,,,\r\n',
    )
  })

  it('row by row gives up a row for which there is no outcome', async () => {
    const id = await rig.schedule(projectId, [['a', 'b']])
    const apply = rig.handler.apply.bind(rig.handler)
    rig.handler.apply = async (session, context, rows) => {
      const applied = await apply(session, context, rows)
      return rows[0]?.text === 'a' ? { ...applied, outcomes: [] } : applied
    }
    await run(await claimed(), { rowByRow: true })
    expect(await rig.action(id)).toMatchObject({ status: 'DONE', rows_done: 2, rows_failed: 1 })
    expect(await rig.notes()).toEqual(['b'])
  })

  it('row by row gives up nothing because of an outage or a conflict', async () => {
    const id = await rig.schedule(projectId, [['a', 'b']])
    rig.handler.before = () => {
      throw new VersionConflictError()
    }
    await expect(run(await claimed(), { rowByRow: true })).rejects.toThrow(VersionConflictError)
    expect(await rig.action(id)).toMatchObject({ status: 'IN_PROGRESS', rows_done: 0 })
  })
})

describe('A worker on which the system fails', () => {
  it('gives up poisoned rows alone, by itself; all others count', async () => {
    const id = await rig.schedule(projectId, [['a', 'poison 1', 'b'], ['c'], ['poison 2', 'd']])
    rig.handler.before = poisoned
    await work()
    expect(await sortedNotes()).toEqual(['a', 'b', 'c', 'd'])
    expect(await rig.action(id)).toMatchObject({ status: 'DONE', rows_done: 6, rows_failed: 2 })
  })

  it.each([
    ['a conflict', () => new VersionConflictError()],
    ['a deadlock', () => Object.assign(new Error('deadlock'), { code: '40P01' })],
    ['an outage', () => Object.assign(new Error('shutdown'), { code: '57P01' })],
    ['a fault', () => new Error('a fault')],
  ])('does the chunk again after %s, and it counts once', async (_, error) => {
    const id = await rig.schedule(projectId, [['a', 'b']])
    rig.handler.before = onceAt('a', () => {
      throw error()
    })
    await work()
    expect(await rig.notes()).toEqual(['a', 'b'])
    expect(await rig.action(id)).toMatchObject({ status: 'DONE', rows_done: 2, rows_failed: 0 })
  })

  it('tries again until it succeeds, when it loses several races in a row', async () => {
    const id = await rig.schedule(projectId, [['a']])
    let races = 0
    rig.handler.before = () => {
      if (++races <= 3) throw new VersionConflictError()
    }
    await work()
    expect(races).toBe(4)
    expect(await rig.action(id)).toMatchObject({ status: 'DONE', rows_done: 1, rows_failed: 0 })
  })

  it('ends an action as FAILED that fails even row by row, and goes on with the next', async () => {
    const [failing, next] = [
      await rig.schedule(projectId, [['poison']]),
      await rig.schedule(projectId, [['b']]),
    ]
    rig.handler.before = poisoned
    rig.handler.giveUpOn = () => Promise.reject(new Error('even this fails'))
    await work()
    expect(await rig.action(failing)).toMatchObject({ status: 'FAILED', rows_done: 0 })
    expect(await rig.action(next)).toMatchObject({ status: 'DONE' })
  })
})

describe('An action whose rows the release before stored', () => {
  it('is carried out beside others', async () => {
    const [old, next] = [await rig.schedule(projectId, [['a']]), await rig.schedule(projectId, [['c']])]
    await store.query(STORE_AS_TEXT, [old, '[{"text":"b\\u00e4"}]'])
    await work()
    expect(await rig.notes()).toEqual(['bä', 'c'])
    for (const id of [old, next]) expect(await rig.action(id)).toMatchObject({ status: 'DONE' })
  })
})

describe('An action whose rows cannot be read', () => {
  const CHUNK_1 = 'WHERE async_action_id = $1 AND chunk = 1'
  const replacedBy = (bytes: Uint8Array) =>
    `UPDATE async_action_payloads SET packed = '\\x${Buffer.from(bytes).toString('hex')}' ${CHUNK_1}`
  /** With form and checksum, as if we had packed it. */
  const sealed = (content: Buffer): Buffer =>
    Buffer.concat([Buffer.of(1), createHash('sha256').update(content).digest().subarray(0, 8), content])
  const SPOILT = [
    ['no JSON', replacedBy(packed('[{"text"'))],
    ['no array', replacedBy(packed('{}'))],
    ['cut off', replacedBy(packed('[{"text":"b"}]').subarray(0, -1))],
    ['not as they were', replacedBy(packed('[{"text":"b"}]').with(-1, 0))],
    ['not what we pack', replacedBy(Buffer.from('[{"text":"b"}]'))],
    ['no text', replacedBy(pack(Buffer.from([0xff])))],
    ['more than there may be', replacedBy(sealed(brotliCompressSync(Buffer.alloc(67_108_865, ' '))))],
    [
      'no JSON, and stored by the release before',
      `UPDATE async_action_payloads SET rows = '[{"text"', packed = NULL ${CHUNK_1}`,
    ],
    ['gone', `DELETE FROM async_action_payloads ${CHUNK_1}`],
  ] as const

  it.each(SPOILT)(
    'because they are %s ends FAILED; what was done before stays, and the lane goes on',
    async (_, sql) => {
      const spoilt = await rig.schedule(projectId, [['a'], ['b'], ['c']])
      const next = await rig.schedule(projectId, [['d']])
      await store.query(sql, [spoilt])
      await work()
      expect(await rig.notes()).toEqual(['a', 'd'])
      expect(await rig.action(spoilt)).toMatchObject({
        status: 'FAILED',
        rows_done: 1,
        next_chunk: 1,
        failure: 'The system could not go on with this action.',
        finished_at: expect.any(Date) as Date,
        reports_available_till: expect.any(Date) as Date,
      })
      expect(await rig.report(spoilt)).toBe('a,false,true,,,\r\n')
      expect(await rig.action(next)).toMatchObject({ status: 'DONE' })
    },
  )

  it('takes no chunk before it down: one that loses a race meanwhile is done again first', async () => {
    const id = await rig.schedule(projectId, [['a'], ['b'], ['c']])
    await store.query('DELETE FROM async_action_payloads WHERE async_action_id = $1 AND chunk = 2', [id])
    const unreadable = deferred()
    const read = rig.reader.read.bind(rig.reader)
    rig.reader.read = async (action, chunk, contended) => {
      try {
        return await read(action, chunk, contended)
      } catch (error) {
        unreadable.resolve(undefined)
        throw error
      }
    }
    rig.handler.before = onceAt('a', async () => {
      await unreadable.promise
      throw new VersionConflictError()
    })
    await work()
    expect(await sortedNotes()).toEqual(['a', 'b'])
    expect(await rig.action(id)).toMatchObject({ status: 'FAILED', rows_done: 2, next_chunk: 2 })
  })
})

describe('Chunks of one action', () => {
  /** Resolves for each note when it is being written, in an open transaction. */
  const reachedBy = (...texts: string[]) => new Map(texts.map((text) => [text, deferred()]))

  /** Resolves for each chunk when its rows have been read. */
  function watchReads() {
    const reads = [deferred(), deferred(), deferred(), deferred()]
    const read = rig.reader.read.bind(rig.reader)
    rig.reader.read = async (action, chunk, contended) => {
      const chunkRead = await read(action, chunk, contended)
      reads[chunk]?.resolve(undefined)
      return chunkRead
    }
    return reads
  }

  it('overlap: the next is applied while one is still being written', async () => {
    const id = await rig.schedule(projectId, [['a'], ['b'], ['c'], ['d']])
    const reached = reachedBy('a', 'b', 'c', 'd')
    const following: Record<string, string> = { a: 'b', c: 'd' }
    rig.handler.before = async ({ text }) => {
      reached.get(text)?.resolve(undefined)
      await reached.get(following[text] ?? '')?.promise
    }
    await work()
    expect(await rig.action(id)).toMatchObject({ status: 'DONE', rows_done: 4 })
  })

  it('commit in turn, also when the later one is ready first', async () => {
    const id = await rig.schedule(projectId, [['a'], ['b']])
    const reached = reachedBy('b')
    rig.handler.before = async ({ text }) => {
      reached.get(text)?.resolve(undefined)
      await reached.get('b')?.promise
      if (text === 'a') expect(await rig.notes()).toEqual([])
    }
    await work()
    expect(
      await store.query(
        `SELECT data::json->'chunk' AS chunk FROM events WHERE stream_id = $1 AND type = 'AsyncActionChunkProcessed'
         ORDER BY append_position`,
        [id],
      ),
    ).toEqual([{ chunk: 0 }, { chunk: 1 }])
    expect(await rig.report(id)).toBe('a,false,true,,,\r\nb,false,true,,,\r\n')
  })

  it('are three at a time and one that has been read, and no more', async () => {
    await rig.schedule(projectId, [['a'], ['b'], ['c'], ['d'], ['e']])
    const reads = watchReads()
    const readAhead = jest.spyOn(rig.reader, 'read')
    const started = jest.spyOn(rig.chunks, 'run')
    /** Once PostgreSQL answers, the runner has done all that it does about a chunk that was read. */
    const startedOnceRead = async (chunk: number) => {
      await reads[chunk]?.promise
      await store.query('SELECT')
      return started.mock.calls.length
    }
    const goOn = deferred()
    rig.handler.before = () => goOn.promise
    const working = work()
    try {
      expect(await startedOnceRead(2)).toBe(3)
      expect(await startedOnceRead(3)).toBe(3)
      expect(readAhead).toHaveBeenCalledTimes(4)
    } finally {
      goOn.resolve(undefined)
      await working
    }
    expect(await sortedNotes()).toEqual(['a', 'b', 'c', 'd', 'e'])
  })

  it('that share a key wait for each other: the later one sees what the earlier one did', async () => {
    const id = await rig.schedule(projectId, [
      ['a', 'b'],
      ['b', 'c'],
      ['c', 'a'],
    ])
    await work()
    expect(await rig.report(id)).toBe(
      'a,false,true,,,\r\nb,false,true,,,\r\nb,true,true,,,\r\nc,false,true,,,\r\nc,true,true,,,\r\na,true,true,,,\r\n',
    )
  })

  it('see what those two before them did, which overlapped', async () => {
    const id = await rig.schedule(projectId, [['a'], ['b'], ['a']])
    await work()
    expect(await rig.report(id)).toBe('a,false,true,,,\r\nb,false,true,,,\r\na,true,true,,,\r\n')
  })

  it('commit nothing after one that failed, and leave no transaction open', async () => {
    const id = await rig.schedule(projectId, [['a'], ['b'], ['c'], ['d']])
    const [reached, goOn, reads] = [reachedBy('b'), deferred(), watchReads()]
    rig.handler.before = async ({ text }) => {
      reached.get(text)?.resolve(undefined)
      if (text === 'b') await goOn.promise
      if (text !== 'a') return
      await reached.get('b')?.promise
      await reads[3]?.promise
      throw new Error('a fault')
    }
    const started = jest.spyOn(rig.chunks, 'run')
    let ended = false
    const running = run(await claimed())
    running.catch(() => (ended = true))
    await reached.get('b')?.promise
    await expect((started.mock.results[0]?.value as Turn).done).rejects.toThrow('a fault')
    await store.query('SELECT')
    expect(ended).toBe(false)
    goOn.resolve(undefined)
    await expect(running).rejects.toThrow('a fault')
    expect(await rig.notes()).toEqual([])
    expect(await rig.action(id)).toMatchObject({ status: 'IN_PROGRESS', next_chunk: 0, rows_done: 0 })
    expect(
      await store.query(
        `SELECT query FROM pg_stat_activity WHERE datname = current_database() AND state LIKE 'idle in transaction%'`,
      ),
    ).toEqual([])
  })

  it('do not undo the one before when they fail', async () => {
    const id = await rig.schedule(projectId, [['a'], ['b'], ['c']])
    rig.handler.before = ({ text }) => {
      if (text === 'b') throw new Error('a fault')
    }
    await expect(run(await claimed())).rejects.toThrow('a fault')
    expect(await rig.notes()).toEqual(['a'])
    expect(await rig.action(id)).toMatchObject({ status: 'IN_PROGRESS', next_chunk: 1, rows_done: 1 })
  })

  it('settle together what they all count, in turn', async () => {
    await rig.schedule(projectId, [['a', 'b'], ['c'], ['d', 'e', 'f'], ['g']])
    await work()
    expect(await store.query('SELECT notes FROM note_counter')).toEqual([{ notes: 7 }])
  })
})

describe('A worker that is stopped', () => {
  it('finishes the chunks at hand, gives the lane back, and begins nothing more', async () => {
    const id = await rig.schedule(projectId, [['a'], ['b'], ['c'], ['d'], ['e']])
    const worker = rig.worker()
    rig.handler.before = onceAt('a', () => {
      worker.onModuleDestroy()
    })
    await worker.ring()
    await worker.beforeApplicationShutdown()
    const { status, next_chunk } = await rig.action(id)
    expect(status).toBe('IN_PROGRESS')
    expect(next_chunk).toBeGreaterThan(0)
    expect(next_chunk).toBeLessThan(5)
    expect(await rig.lanes.waiting(1)).toEqual([{ projectId, asyncActionId: id }])
    await worker.ring()
    expect(await rig.notes()).toHaveLength(next_chunk)
  })

  it('rings for the others, because work is left', async () => {
    const id = await rig.schedule(projectId, [['a'], ['b'], ['c'], ['d'], ['e']])
    const worker = rig.worker()
    rig.handler.before = onceAt('a', () => {
      worker.onModuleDestroy()
    })
    await worker.ring()
    expect(rig.rung).toEqual([{ projectId, asyncActionId: id }])
  })

  it('rings for nobody when nothing is left', async () => {
    await rig.schedule(projectId, [['a']])
    const worker = rig.worker()
    rig.handler.before = () => {
      worker.onModuleDestroy()
    }
    await worker.ring()
    expect(rig.rung).toEqual([])
    expect(await rig.notes()).toEqual(['a'])
  })
})

describe('An operation', () => {
  it('has one handler: a second that claims it is refused', () => {
    expect(() => {
      rig.handlers.register(rig.handler)
    }).toThrow('NOTES.WRITE has two chunk handlers')
  })
})
