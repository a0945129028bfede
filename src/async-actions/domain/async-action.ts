import { type Decider, type Instant, type RowOutcome } from '../../kernel/index.js'
import { type AsyncActionCompleted, type AsyncActionEvent } from './async-action.events.js'
import { packOutcomes } from './row-outcome.js'

export type AsyncActionStatus = 'ENQUEUED' | 'IN_PROGRESS' | 'DONE' | 'FAILED'

export type AsyncActionState = UnscheduledAction | ScheduledAction
export interface UnscheduledAction {
  readonly kind: 'unscheduled'
}
export interface ScheduledAction {
  readonly kind: 'scheduled'
  readonly status: AsyncActionStatus
  readonly chunkCount: number
  /** Index of the first chunk that has not been processed. */
  readonly nextChunk: number
}

export type AsyncActionCommand =
  | {
      readonly type: 'ScheduleAsyncAction'
      readonly operation: string
      readonly requestId: string
      readonly rowCount: number
      readonly chunkCount: number
      readonly payloadBytes: number
    }
  | { readonly type: 'StartAsyncAction'; readonly reportsAvailableTill: Instant }
  | {
      readonly type: 'RecordChunk'
      readonly chunk: number
      /** Of the claim under which it is recorded. */
      readonly fence: number
      /** Index of its first row within the request. */
      readonly firstRow: number
      readonly outcomes: readonly RowOutcome[]
      readonly reportsAvailableTill: Instant
    }
  | { readonly type: 'FailAsyncAction'; readonly reason: string; readonly reportsAvailableTill: Instant }

/** A command that does not fit the state: a doubled run, or a defect. Nothing is recorded. */
export class OutOfTurnError extends Error {}

/** The AsyncAction aggregate: ENQUEUED, IN_PROGRESS, then DONE or FAILED, its chunks strictly in turn. */
export const asyncActionDecider: Decider<AsyncActionState, AsyncActionCommand, AsyncActionEvent> = {
  initialState: { kind: 'unscheduled' },

  decide(command, action) {
    if (command.type === 'ScheduleAsyncAction') return schedule(command, action)
    if (action.kind === 'unscheduled') throw new OutOfTurnError('The action is not scheduled.')
    switch (command.type) {
      case 'StartAsyncAction':
        refuseUnless(action.status === 'ENQUEUED', 'The action was started before.')
        return [{ type: 'AsyncActionStarted', data: {} }, ...completedIf(action.chunkCount === 0, command)]
      case 'RecordChunk':
        refuseUnless(action.status === 'IN_PROGRESS', 'The action is not in progress.')
        refuseUnless(command.chunk === action.nextChunk, 'It is another chunk’s turn.')
        return [
          {
            type: 'AsyncActionChunkProcessed',
            data: {
              fence: command.fence,
              ...packOutcomes(command.chunk, command.firstRow, command.outcomes),
            },
          },
          ...completedIf(command.chunk === action.chunkCount - 1, command),
        ]
      case 'FailAsyncAction': {
        refuseUnless(!isFinished(action), 'The action has ended.')
        const { reason, reportsAvailableTill } = command
        return [{ type: 'AsyncActionFailed', data: { reason, reports_available_till: reportsAvailableTill } }]
      }
    }
  },

  evolve(action, event) {
    if (event.type === 'AsyncActionScheduled') {
      return { kind: 'scheduled', status: 'ENQUEUED', chunkCount: event.data.chunk_count, nextChunk: 0 }
    }
    if (action.kind === 'unscheduled') throw new OutOfTurnError('The action is not scheduled.')
    switch (event.type) {
      case 'AsyncActionStarted':
        return { ...action, status: 'IN_PROGRESS' }
      case 'AsyncActionChunkProcessed':
        return { ...action, nextChunk: event.data.chunk + 1 }
      case 'AsyncActionCompleted':
        return { ...action, status: 'DONE' }
      case 'AsyncActionFailed':
        return { ...action, status: 'FAILED' }
    }
  },
}

export const isFinished = ({ status }: ScheduledAction): boolean => status === 'DONE' || status === 'FAILED'

function schedule(
  {
    operation,
    requestId,
    rowCount,
    chunkCount,
    payloadBytes,
  }: Extract<AsyncActionCommand, { type: 'ScheduleAsyncAction' }>,
  action: AsyncActionState,
): AsyncActionEvent[] {
  refuseUnless(action.kind === 'unscheduled', 'The action was scheduled before.')
  const data = {
    operation,
    request_id: requestId,
    row_count: rowCount,
    chunk_count: chunkCount,
    payload_bytes: payloadBytes,
  }
  return [{ type: 'AsyncActionScheduled', data }]
}

const completedIf = (last: boolean, command: { reportsAvailableTill: Instant }): AsyncActionCompleted[] =>
  last
    ? [{ type: 'AsyncActionCompleted', data: { reports_available_till: command.reportsAvailableTill } }]
    : []

function refuseUnless(condition: boolean, reason: string): void {
  if (!condition) throw new OutOfTurnError(reason)
}
