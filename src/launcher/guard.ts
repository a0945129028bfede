import { setTimeout as pause } from 'node:timers/promises'
import { type EmbeddedServer } from './embedded-server.js'

const LOOK_EVERY_MS = 500
const LONGEST_PAUSE_MS = 5_000

/** Looks after an embedded server while Rollcall runs: one that died is started again, at the same address. */
export class Guard {
  readonly #dismissed = new AbortController()
  readonly #watch: Promise<void>

  constructor(
    private readonly server: EmbeddedServer,
    private readonly say: (line: string) => void,
  ) {
    this.#watch = this.#keepWatch()
  }

  /** Ends the watch, so that the server can be stopped for good. */
  async dismiss(): Promise<void> {
    this.#dismissed.abort()
    await this.#watch
  }

  async #keepWatch(): Promise<void> {
    let restPause = LOOK_EVERY_MS
    while (await this.#rest(restPause)) {
      const fine = this.server.isRunning() || (await this.#restart())
      restPause = fine ? LOOK_EVERY_MS : Math.min(restPause * 2, LONGEST_PAUSE_MS)
    }
  }

  async #restart(): Promise<boolean> {
    this.say(`${this.server.name} ended unexpectedly; starting it again`)
    try {
      await this.server.start(this.#dismissed.signal)
      return true
    } catch (error) {
      if (!this.#dismissed.signal.aborted) this.say((error as Error).message)
      return false
    }
  }

  /** False when the watch is over. */
  async #rest(milliseconds: number): Promise<boolean> {
    const { signal } = this.#dismissed
    await pause(milliseconds, undefined, { signal }).catch(() => undefined) // dismissed while resting
    return !signal.aborted
  }
}
