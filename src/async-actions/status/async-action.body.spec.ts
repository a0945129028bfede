import fc from 'fast-check'
import { toEnded, toListedBody } from './async-action.body.js'
import { type AsyncActionView } from './async-action.read-model.js'
import { toBulkResult } from './result-shapes.js'

const AT = Date.UTC(2026, 0, 31) * 1000

const action = (view: Partial<AsyncActionView>): AsyncActionView => ({
  id: 'aa_0a875d56c805df6601',
  type: 'CUSTOMERS.BULK_UPDATE',
  status: 'ENQUEUED',
  requestId: 'v-0a875d56c805df6601',
  rowCount: 1_000,
  rowsDone: 0,
  rowsFailed: 0,
  failure: null,
  createdAt: AT,
  updatedAt: AT,
  finishedAt: null,
  reportsAvailableTill: null,
  ...view,
})
const done = action({
  status: 'DONE',
  rowsDone: 1_000,
  rowsFailed: 3,
  updatedAt: AT + 1_500_999,
  finishedAt: AT + 1_500_999,
  reportsAvailableTill: AT + 7_000,
})
const failed = action({ ...done, status: 'FAILED', rowsDone: 400, failure: 'The system gave up.' })

describe('An asynchronous action on the wire', () => {
  it('shows what the contract names while it waits, and no end', () => {
    expect(toListedBody(action({}))).toEqual({
      id: 'aa_0a875d56c805df6601',
      type: 'CUSTOMERS.BULK_UPDATE',
      status: 'ENQUEUED',
      operation_status: 'UNKNOWN',
      created_at: '2026-01-31T00:00:00.000Z',
      updated_at: '2026-01-31T00:00:00.000Z',
      request_id: 'v-0a875d56c805df6601',
      progress: 0,
      object: 'async_action',
    })
  })

  it('shows whole milliseconds from its acceptance to its end', () => {
    expect(toListedBody(done)).toMatchObject({
      processing_time: 1_500,
      updated_at: '2026-01-31T00:00:01.500Z',
    })
  })

  it.each([
    [{ status: 'ENQUEUED' }, 'UNKNOWN'],
    [{ status: 'IN_PROGRESS', rowsDone: 5, rowsFailed: 5 }, 'UNKNOWN'],
    [{ status: 'DONE', rowsDone: 1_000 }, 'SUCCESS'],
    [{ status: 'DONE', rowsDone: 1_000, rowsFailed: 1 }, 'FAILED'],
    [{ status: 'FAILED' }, 'FAILED'],
  ] as const)('with %j has the operation_status %s', (view, expected) => {
    expect(toListedBody(action(view))['operation_status']).toBe(expected)
  })

  it.each([
    [{ status: 'ENQUEUED' }, 0],
    [{ status: 'IN_PROGRESS' }, 0],
    [{ status: 'IN_PROGRESS', rowsDone: 9 }, 0],
    [{ status: 'IN_PROGRESS', rowsDone: 999 }, 99],
    [{ status: 'IN_PROGRESS', rowsDone: 1_000 }, 99],
    [{ status: 'DONE', rowsDone: 1_000 }, 100],
    [{ status: 'DONE', rowCount: 0 }, 100],
    [{ status: 'FAILED', rowsDone: 400 }, 40],
    [{ status: 'FAILED', rowCount: 0 }, 0],
  ] as const)('with %j has the progress %d', (view, expected) => {
    expect(toListedBody(action(view))['progress']).toBe(expected)
  })

  it('never falls back in its progress', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 600_000 }), fc.nat(), fc.nat(), (rowCount, one, other) => {
        const [less = 0, more = 0] = [one % (rowCount + 1), other % (rowCount + 1)].sort((a, b) => a - b)
        const progress = (rowsDone: number) =>
          toListedBody(action({ status: 'IN_PROGRESS', rowCount, rowsDone })).progress
        expect(progress(less)).toBeLessThanOrEqual(progress(more))
        expect(progress(more)).toBeLessThanOrEqual(99)
      }),
    )
  })
})

describe('The result of an asynchronous action', () => {
  const failure = { key: 'invalid_customer', message: 'Invalid customer', details: 'why', source_id: 'a' }
  const errors = [{ ...failure, row: 7 }]

  it('counts the rows that took effect or were right as they are, and those that failed', () => {
    expect(toBulkResult(toEnded(done, 'https://x/1', errors))).toEqual({
      done_count: 997,
      failed_count: 3,
      reports: ['https://x/1'],
      reports_available_till: '2026-01-31T00:00:00.007Z',
      errors: [failure],
    })
  })

  it('of a failed one counts all rows that were not done as failed, and names the one cause', () => {
    expect(toBulkResult(toEnded(failed, 'https://x/1', errors))).toEqual({
      done_count: 397,
      failed_count: 603,
      reports: ['https://x/1'],
      reports_available_till: '2026-01-31T00:00:00.007Z',
      errors: [
        { key: 'internal_error', message: 'Internal error', details: 'The system gave up.', source_id: '' },
      ],
    })
  })
})
