import { type Random } from '../random.js'
import { type Stage } from '../stage/stage.js'
import { type History } from '../load/history.js'

/** What a fault works with. */
export interface Scene {
  readonly stage: Stage
  readonly history: History
  readonly random: Random
  /** Lets time pass while the fault is on; ends early when the run is stopped. */
  readonly hold: (milliseconds: number) => Promise<void>
  /** Faults last as long as they do in earnest, not only as long as a short run has time for. */
  readonly isLong: boolean
}

/** What a host must allow for a fault to be possible. */
export type Need = 'mounting a disk' | 'network namespaces'

/** Something that goes wrong. */
export interface Fault {
  readonly name: string
  readonly needs?: Need
  /**
   * Within so many milliseconds after its end every project that has work goes on. Asserted at three times the
   * promise, when nothing else is wrong.
   */
  readonly recoversWithin?: number
  /** Does it, and undoes it, unless that is left for later. */
  readonly inflict: (scene: Scene) => Promise<void> | Promise<Outcome | undefined>
}

/**
 * How a fault is undone after recovery was measured; that something else than what was promised for decides over it this
 * time; or that the moment it waited for did not come.
 */
export type Outcome = (() => Promise<void>) | 'no promise' | 'missed'

/** How long a fault lasts: some seconds, or a minute. */
export const duration = ({ random, isLong }: Scene): number =>
  isLong && random.isOneIn(3) ? 60_000 : random.between(500, 4_000)
