import { Injectable } from '@nestjs/common'
import { type AsyncActionDto } from './async-action.dto.js'
import { type ReportedError } from '../report/async-action-report.read-model.js'

/** What became of an action, before it is put into words for the wire. */
export interface EndedAction {
  /** Rows that took effect or were right as they are. */
  readonly doneCount: number
  readonly failedCount: number
  /** Links to the report. */
  readonly reports: readonly string[]
  readonly reportsAvailableTill: string
  /** The first failed rows; for an action that failed as a whole, the one cause, with the first row that was not done. */
  readonly failures: readonly ReportedError[]
}

/** Makes the `result` of an action that has ended, DONE or FAILED. */
export type ResultShape = (ended: EndedAction) => NonNullable<AsyncActionDto['result']>

/** An operation whose result clients expect in a form of its own registers it here; all others have the same. */
@Injectable()
export class ResultShapes {
  private readonly shapes = new Map<string, ResultShape>()

  register(operation: string, shape: ResultShape): void {
    if (this.shapes.has(operation)) throw new Error(`${operation} has two result shapes.`)
    this.shapes.set(operation, shape)
  }

  shapeOf(operation: string): ResultShape {
    return this.shapes.get(operation) ?? toBulkResult
  }
}

/** The result of a bulk request. */
export const toBulkResult: ResultShape = (ended) => ({
  done_count: ended.doneCount,
  failed_count: ended.failedCount,
  reports: [...ended.reports],
  reports_available_till: ended.reportsAvailableTill,
  errors: ended.failures.map(({ key, message, details, source_id }) => ({
    key,
    message,
    details,
    source_id,
  })),
})
