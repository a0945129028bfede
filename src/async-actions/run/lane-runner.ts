import { type BeforeApplicationShutdown, Injectable, Logger, type OnModuleDestroy } from '@nestjs/common'
import { setTimeout as delay } from 'node:timers/promises'
import { Settings } from '../../config/index.js'
import { forLog } from '../../database/index.js'
import { Doorbell } from '../../queue/index.js'
import { ActionRunner } from './action-runner.js'
import { IdleMaintenance } from './idle-maintenance.js'
import { type Lane, LaneLostError, Lanes } from './lanes.js'
import { keepLease } from './lease-keeper.js'
import { Seclusion } from './seclusion.js'
import { Trouble } from './trouble.js'

const LONGEST_PAUSE_MS = 2_000

const HOPELESS = 'The system could not go on with this action.'
const DEADLY =
  'The system could not go on with this action: again and again it ended the process that was at it.'

/** Serves lanes, a limited number at a time, one action of each, always the one that has waited longest. */
@Injectable()
export class LaneRunner implements OnModuleDestroy, BeforeApplicationShutdown {
  private readonly logger = new Logger(LaneRunner.name)
  private readonly stop = new AbortController()
  private readonly slots = new Set<Promise<void>>()
  private readonly seclusion = new Seclusion()
  private serving = 0
  private rung = false
  private hasServed = false
  private isMaintaining = false

  constructor(
    private readonly lanes: Lanes,
    private readonly actions: ActionRunner,
    private readonly doorbell: Doorbell,
    private readonly idleMaintenance: IdleMaintenance,
    private readonly settings: Settings,
  ) {}

  /**
   * Looks for work; resolves when the slot that it began finds none left, at once when all slots are busy: they look
   * once more before they end. Ringing too often is harmless.
   */
  async ring(): Promise<void> {
    // A slot that is just finding no work looks once more when it sees this.
    this.rung = true
    if (this.serving >= this.settings.lanesPerWorker || this.stop.signal.aborted) return
    this.serving++
    await this.hold(this.serveUntilDry())
    // Not waited for: whoever rang may ring again for what has come meanwhile.
    void this.hold(this.maintain())
  }

  onModuleDestroy(): void {
    this.stop.abort()
  }

  /** Chunks at hand are finished and lanes given back before the connections are closed. */
  async beforeApplicationShutdown(): Promise<void> {
    await Promise.all(this.slots)
  }

  /** The process does not end before this has. */
  private async hold(work: Promise<void>): Promise<void> {
    this.slots.add(work)
    await work.finally(() => this.slots.delete(work))
  }

  /** Once after work, by the slot that ends last; one at a time, because each takes a connection. */
  private async maintain(): Promise<void> {
    const isDue = this.serving === 0 && this.hasServed && !this.isMaintaining
    if (!isDue || this.stop.signal.aborted) return
    this.hasServed = false
    this.isMaintaining = true
    await this.idleMaintenance.run()
    this.isMaintaining = false
  }

  private async serveUntilDry(): Promise<void> {
    try {
      while (this.rung && !this.stop.signal.aborted) {
        this.rung = false
        while (await this.serveOne());
      }
    } catch (error) {
      // The next poll starts over; until then PostgreSQL may come back.
      this.logger.warn(`Cannot look for work: ${forLog(error)}`)
    } finally {
      // In the same breath as the last look at `rung`: a ring after that look finds the slot free.
      this.serving--
    }
  }

  private async serveOne(): Promise<boolean> {
    await this.seclusion.isOver()
    const lane = this.stop.signal.aborted ? undefined : await this.lanes.claim()
    if (lane === undefined) return false
    this.hasServed = true
    // Claimed in the same moment as one that must be alone: what it waits for may cost it the process.
    if (!this.seclusion.isOn) await this.serve(lane)
    await this.release(lane)
    return true
  }

  private async serve(lane: Lane): Promise<void> {
    const trouble = new Trouble(lane.attempts - 1)
    const lease = keepLease(this.lanes, lane, this.settings.laneLeaseMs)
    const stop = AbortSignal.any([this.stop.signal, lease.lost])
    const work = async (): Promise<void> => {
      while (!stop.aborted && !(await this.runOnce(lane, trouble, stop)));
    }
    try {
      await (trouble.callsForSeclusion ? this.seclusion.alone(work) : this.seclusion.beside(work))
    } finally {
      lease.end()
    }
  }

  /** Going on is this worker's next claim; only one that stops must tell the others of what waits. */
  private async release(lane: Lane): Promise<void> {
    try {
      const asyncActionId = await this.lanes.release(lane)
      if (asyncActionId === undefined || !this.stop.signal.aborted) return
      await this.doorbell.ring({ projectId: lane.projectId, asyncActionId })
    } catch (error) {
      this.logger.warn(`The lane of project ${lane.projectId} is left to its lease: ${forLog(error)}`)
    }
  }

  /** True when the lane is to be given back. */
  private async runOnce(lane: Lane, trouble: Trouble, stop: AbortSignal): Promise<boolean> {
    if (trouble.isDeadly) return this.fail(lane, DEADLY, `${lane.attempts - 1} workers were lost`, stop)
    try {
      await this.actions.run(lane, {
        stop,
        rowByRow: trouble.callsForSingleRows,
        contended: trouble.isContended,
        onProgress: trouble.forget,
      })
      return true
    } catch (error) {
      this.logger.warn(`Project ${lane.projectId}: ${forLog(error)}`)
      if (error instanceof LaneLostError || stop.aborted) return true
      trouble.note(error)
      if (trouble.isHopeless) return this.fail(lane, HOPELESS, error, stop)
      await pause(trouble.count, stop)
      // The action is read anew then: what a lost connection left undecided is known.
      return false
    }
  }

  /** Should even this fail, the lane is given back, and whoever claims it next tries again. */
  private async fail(lane: Lane, reason: string, cause: unknown, stop: AbortSignal): Promise<boolean> {
    this.logger.error(`Project ${lane.projectId}: its action is ended as FAILED: ${forLog(cause)}`)
    try {
      await this.actions.fail(lane, reason)
    } catch (error) {
      this.logger.error(
        `Project ${lane.projectId}: its action could not be ended as FAILED: ${forLog(error)}`,
      )
      await pause(Infinity, stop)
    }
    return true
  }
}

/** Twice as long at each attempt, and never the same for two workers. */
async function pause(attempt: number, stop: AbortSignal): Promise<void> {
  const longest = Math.min(25 * 2 ** attempt, LONGEST_PAUSE_MS)
  await delay(longest * (0.5 + Math.random() / 2), undefined, { signal: stop }).catch(() => undefined)
}
