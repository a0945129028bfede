import { isContention, isOutage } from '../../database/index.js'
import { VersionConflictError } from '../../event-store/index.js'
import { UnreadablePayloadError } from './chunk-handler.js'

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

/** What went wrong with the action at the head of a lane since a chunk of it last took effect. */
export class Trouble {
  private conflicts = 0
  private outages = 0
  private unreadable = false
  /** Errors of the system itself: neither a lost race nor PostgreSQL being away. */
  faults = 0

  note(error: unknown): void {
    if (error instanceof UnreadablePayloadError) this.unreadable = true
    if (isOutage(error)) this.outages++
    else if (isNobodysFault(error)) this.conflicts++
    else this.faults++
  }

  /** Never because of an outage: that ends some day, and the work is as good as before. */
  get isHopeless(): boolean {
    return this.unreadable || this.conflicts > MAX_CONFLICTS || this.faults > MAX_FAULTS
  }

  get count(): number {
    return this.conflicts + this.outages + this.faults
  }

  readonly forget = (): void => {
    this.conflicts = this.outages = this.faults = 0
  }
}

/** Errors that say nothing about the rows: the same work succeeds later. */
export const isNobodysFault = (error: unknown): boolean =>
  error instanceof VersionConflictError || isContention(error) || isOutage(error)
