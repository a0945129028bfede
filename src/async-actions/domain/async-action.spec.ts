import fc from 'fast-check'
import { deepFreeze } from '../../../test/support/deep-freeze.factory.js'
import { examplesOf } from '../../../test/support/given-when-then.js'
import { fold, type RowOutcome } from '../../kernel/index.js'
import { type AsyncActionEvent } from './async-action.events.js'
import {
  type AsyncActionCommand,
  asyncActionDecider,
  type AsyncActionState,
  isFinished,
  OutOfTurnError,
} from './async-action.js'
import { packOutcomes } from './row-outcome.js'

const { given } = examplesOf(asyncActionDecider)

const TILL = 1_775_001_600_000_000
const outcomes: RowOutcome[] = [{ sourceId: 'a', found: false, updated: true }]

const schedule = (chunkCount: number): AsyncActionCommand => ({
  type: 'ScheduleAsyncAction',
  operation: 'THINGS.CHANGE',
  requestId: 'v-1',
  rowCount: chunkCount,
  chunkCount,
  payloadBytes: 10 * chunkCount,
})
const start: AsyncActionCommand = { type: 'StartAsyncAction', reportsAvailableTill: TILL }
const record = (chunk: number): AsyncActionCommand => ({
  type: 'RecordChunk',
  chunk,
  fence: 7,
  firstRow: 10 * chunk,
  outcomes,
  reportsAvailableTill: TILL,
})
const fail: AsyncActionCommand = { type: 'FailAsyncAction', reason: 'broken', reportsAvailableTill: TILL }

const scheduled = (chunks: number): AsyncActionEvent => ({
  type: 'AsyncActionScheduled',
  data: {
    operation: 'THINGS.CHANGE',
    request_id: 'v-1',
    row_count: chunks,
    chunk_count: chunks,
    payload_bytes: 10 * chunks,
  },
})
const started: AsyncActionEvent = { type: 'AsyncActionStarted', data: {} }
const processed = (chunk: number): AsyncActionEvent => ({
  type: 'AsyncActionChunkProcessed',
  data: { fence: 7, ...packOutcomes(chunk, 10 * chunk, outcomes) },
})
const completed: AsyncActionEvent = { type: 'AsyncActionCompleted', data: { reports_available_till: TILL } }
const failed: AsyncActionEvent = {
  type: 'AsyncActionFailed',
  data: { reason: 'broken', reports_available_till: TILL },
}

describe('An asynchronous action', () => {
  it('is scheduled and then waits', () => {
    given().when(schedule(2)).yields(scheduled(2))
    given().when(schedule(2)).leadsTo({ kind: 'scheduled', status: 'ENQUEUED', chunkCount: 2, nextChunk: 0 })
  })

  it('is started and then in progress', () => {
    given(scheduled(2)).when(start).yields(started)
    given(scheduled(2))
      .when(start)
      .leadsTo({ kind: 'scheduled', status: 'IN_PROGRESS', chunkCount: 2, nextChunk: 0 })
  })

  it('processes its chunks in turn', () => {
    given(scheduled(3), started).when(record(0)).yields(processed(0))
    given(scheduled(3), started, processed(0)).when(record(1)).yields(processed(1))
    given(scheduled(3), started, processed(0))
      .when(record(1))
      .leadsTo({ kind: 'scheduled', status: 'IN_PROGRESS', chunkCount: 3, nextChunk: 2 })
  })

  it('is done with its last chunk', () => {
    given(scheduled(2), started, processed(0)).when(record(1)).yields(processed(1), completed)
    given(scheduled(2), started, processed(0))
      .when(record(1))
      .leadsTo({ kind: 'scheduled', status: 'DONE', chunkCount: 2, nextChunk: 2 })
  })

  it('without chunks is done as soon as it is started', () => {
    given(scheduled(0)).when(start).yields(started, completed)
    given(scheduled(0))
      .when(start)
      .leadsTo({ kind: 'scheduled', status: 'DONE', chunkCount: 0, nextChunk: 0 })
  })

  it.each([
    ['while it waits', [scheduled(2)]],
    ['before its first chunk', [scheduled(2), started]],
    ['between chunks', [scheduled(2), started, processed(0)]],
  ])('can fail %s', (_, history) => {
    given(...history)
      .when(fail)
      .yields(failed)
    const before = fold(asyncActionDecider, asyncActionDecider.initialState, history)
    given(...history)
      .when(fail)
      .leadsTo({ ...before, status: 'FAILED' } as AsyncActionState)
  })

  it.each<[string, AsyncActionCommand, AsyncActionEvent[]]>([
    ['scheduled twice', schedule(1), [scheduled(1)]],
    ['scheduled again after its end', schedule(1), [scheduled(1), started, processed(0), completed]],
    ['started before it is scheduled', start, []],
    ['started twice', start, [scheduled(1), started]],
    ['started after its end', start, [scheduled(0), started, completed]],
    ['given a chunk before it is scheduled', record(0), []],
    ['given a chunk before it is started', record(0), [scheduled(1)]],
    ['given a chunk twice', record(0), [scheduled(3), started, processed(0)]],
    ['given a later chunk first', record(1), [scheduled(3), started]],
    ['given an earlier chunk once more', record(0), [scheduled(3), started, processed(0), processed(1)]],
    ['given a chunk that it does not have', record(2), [scheduled(2), started]],
    ['given a chunk after its end', record(1), [scheduled(1), started, processed(0), completed]],
    ['given a chunk after it failed', record(0), [scheduled(1), started, failed]],
    ['failed before it is scheduled', fail, []],
    ['failed after its end', fail, [scheduled(0), started, completed]],
    ['failed twice', fail, [scheduled(1), started, failed]],
  ])('cannot be %s', (_, command, history) => {
    given(...history)
      .when(command)
      .isRefused(OutOfTurnError)
  })

  it('cannot be anything before it is scheduled, whatever the log says', () => {
    for (const event of [started, processed(0), completed, failed]) {
      expect(() => asyncActionDecider.evolve({ kind: 'unscheduled' }, event)).toThrow(OutOfTurnError)
    }
  })

  it('has ended when it is done or failed, not before', () => {
    const ended = (status: 'ENQUEUED' | 'IN_PROGRESS' | 'DONE' | 'FAILED') =>
      isFinished({ kind: 'scheduled', status, chunkCount: 1, nextChunk: 0 })
    expect([ended('ENQUEUED'), ended('IN_PROGRESS'), ended('DONE'), ended('FAILED')]).toEqual([
      false,
      false,
      true,
      true,
    ])
  })

  it('takes each chunk exactly once and in turn, whatever commands come in whatever order', () => {
    const anyCommand = fc.oneof(
      fc.nat(4).map(record),
      fc.nat(4).map(schedule),
      fc.constant(start),
      { arbitrary: fc.constant(fail), weight: 1 },
      { arbitrary: fc.nat(2).map(record), weight: 5 },
    )
    fc.assert(
      fc.property(fc.nat(4), fc.array(anyCommand, { maxLength: 40 }), (chunkCount, commands) => {
        const events = [schedule(chunkCount), ...commands].reduce(obeyed, [])
        const chunks = events.flatMap((event) =>
          event.type === 'AsyncActionChunkProcessed' ? [event.data.chunk] : [],
        )
        const types = events.map(({ type }) => type)
        expect(chunks).toEqual(chunks.map((_, index) => index))
        expect(types.slice(1, 2)).toEqual(types.length > 1 ? [expect.stringMatching(/Started|Failed/)] : [])
        expect(types.includes('AsyncActionCompleted')).toBe(types.at(-1) === 'AsyncActionCompleted')
        if (types.includes('AsyncActionCompleted')) expect(chunks).toHaveLength(chunkCount)
      }),
      { numRuns: 200 },
    )
  })
})

/** The history after a command, which may be refused. */
function obeyed(history: AsyncActionEvent[], command: AsyncActionCommand): AsyncActionEvent[] {
  const state = deepFreeze(fold(asyncActionDecider, asyncActionDecider.initialState, history))
  try {
    return [...history, ...asyncActionDecider.decide(command, state)]
  } catch (error) {
    expect(error).toBeInstanceOf(OutOfTurnError)
    return history
  }
}
