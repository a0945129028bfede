import { millisBetween, toMillisText } from '../../kernel/index.js'
import { type ReportedError } from '../report/async-action-report.read-model.js'
import { type AsyncActionDto, type ListedAsyncActionDto } from './async-action.dto.js'
import { type AsyncActionView } from './async-action.read-model.js'
import { type EndedAction } from './result-shapes.js'

/** What the OpenAPI document says, as plain objects. */
type Plain<Dto> = { [Property in keyof Dto]: Dto[Property] }
export type AsyncActionBody = Plain<AsyncActionDto>

/** An action as lists show it: without its result. */
export function toListedBody(action: AsyncActionView): Plain<ListedAsyncActionDto> {
  return {
    id: action.id,
    type: action.type,
    status: action.status,
    operation_status: operationStatusOf(action),
    created_at: toMillisText(action.createdAt),
    updated_at: toMillisText(action.updatedAt),
    request_id: action.requestId,
    ...(action.finishedAt !== null && {
      processing_time: millisBetween(action.createdAt, action.finishedAt),
    }),
    progress: progressOf(action),
    object: 'async_action',
  }
}

/** What there is to tell of an action that has ended, whatever its type. */
export function toEnded(
  action: AsyncActionView,
  link: string,
  errors: readonly ReportedError[],
): EndedAction {
  const doneCount = action.rowsDone - action.rowsFailed
  return {
    doneCount,
    failedCount: action.rowCount - doneCount,
    reports: [link],
    reportsAvailableTill: toMillisText(action.reportsAvailableTill ?? action.updatedAt),
    failures: action.failure === null ? errors : [systemError(action.failure, action.rowsDone)],
  }
}

function operationStatusOf({ status, rowsFailed }: AsyncActionView): string {
  if (status === 'FAILED') return 'FAILED'
  if (status !== 'DONE') return 'UNKNOWN'
  return rowsFailed === 0 ? 'SUCCESS' : 'FAILED'
}

/** Never falls: 0 while it waits, below 100 until every row is accounted for, frozen when it failed. */
function progressOf({ status, rowCount, rowsDone }: AsyncActionView): number {
  if (status === 'DONE') return 100
  if (status === 'ENQUEUED' || rowCount === 0) return 0
  return Math.min(Math.floor((100 * rowsDone) / rowCount), 99)
}

/** Names the first row that was not done. */
const systemError = (details: string, rowsDone: number): ReportedError => ({
  key: 'internal_error',
  message: 'Internal error',
  details,
  source_id: '',
  row: rowsDone + 1,
})
