import { isContention, isOutage, isTimeout } from '../../database/index.js'
import { VersionConflictError } from '../../event-store/index.js'
import { UnreadablePayloadError } from './chunk-handler.js'
import { RowsErasedError } from './lanes.js'

/**
 * Races lost in a row, with pauses of up to two seconds between them. Not measured: each loss means that another's
 * write took effect, and nobody loses for a minute on end but by a defect.
 */
const MAX_CONFLICTS = 50
/**
 * From the second fault on the chunk is done row by row; one more than this, and that did not help either. Not
 * measured: two attempts as a whole for what passes by itself, two row by row for what does not.
 */
const MAX_FAULTS = 3
/** From the third timeout on the chunk is done row by row; so many take the better part of an hour. */
const MAX_TIMEOUTS = 100
/**
 * Workers that were not heard of again. One or two in a row are an outage or a restart without notice; what is taken
 * down more often may be the reason itself. Not measured: five attempts at a chunk as a whole, so that one which merely
 * had bad company is not made slow, and fifteen row by row.
 */
const MAX_LOST = { sideBySide: 1, asAWhole: 4, inAll: 19 }

/** What went wrong with the action at the head of a lane since a chunk of it last took effect. */
export class Trouble {
  private conflicts = 0
  private waits = 0
  private timeouts = 0
  private faults = 0
  private unreadable = false

  /** `lost` workers had taken the action up before, and were not heard of again. */
  constructor(private lost = 0) {}

  note(error: unknown): void {
    if (error instanceof UnreadablePayloadError) this.unreadable = true
    if (isTimeout(error)) this.timeouts++
    else if (isOutage(error) || isContention(error) || error instanceof RowsErasedError) this.waits++
    else if (error instanceof VersionConflictError) this.conflicts++
    else this.faults++
  }

  /** Never because PostgreSQL is away or someone locks its tables: that ends some day, and the work is as good as before. */
  get isHopeless(): boolean {
    return (
      this.unreadable ||
      this.conflicts > MAX_CONFLICTS ||
      this.faults > MAX_FAULTS ||
      this.timeouts > MAX_TIMEOUTS
    )
  }

  /** So many workers were lost that one more would be lost as well. */
  get isDeadly(): boolean {
    return this.lost > MAX_LOST.inAll
  }

  /** It may be what workers are lost by: whatever else is done in the same process would be lost with it. */
  get callsForSeclusion(): boolean {
    return this.lost > MAX_LOST.sideBySide
  }

  /** The chunk as a whole is at fault, or too much at once: each of its rows by itself is what is left to try. */
  get callsForSingleRows(): boolean {
    return this.faults > 1 || this.timeouts > 2 || this.lost > MAX_LOST.asAWhole
  }

  /** Others change the same customers all the time. */
  get isContended(): boolean {
    return this.conflicts > 0
  }

  get count(): number {
    return this.conflicts + this.waits + this.timeouts + this.faults
  }

  readonly forget = (): void => {
    this.conflicts = this.waits = this.timeouts = this.faults = this.lost = 0
  }
}

/** Errors that say nothing about the rows: the same work succeeds later. */
export const isNobodysFault = (error: unknown): boolean =>
  error instanceof VersionConflictError ||
  error instanceof RowsErasedError ||
  isContention(error) ||
  isOutage(error)
