/**
 * A body must come in at this rate at least, on average, once it had some time to begin: 10 MB within 115 s, which a
 * line of 1 Mbit/s does. Slower ones would keep room that others wait for.
 */
const SLOWEST_BYTES_PER_SECOND = 100_000
const GRACE_SECONDS = 10

/**
 * Watches how fast a body comes in. Seconds are counted, not read from a clock: a process that was held up for a while
 * must not take that for the client's fault.
 */
export class Pace {
  private seconds = 0
  private bytes = 0
  private readonly timer: NodeJS.Timeout

  /** `giveUp` is called when the rest of the body is not worth waiting for. */
  constructor(giveUp: () => void) {
    this.timer = setInterval(() => {
      this.seconds++
      if (this.bytes < (this.seconds - GRACE_SECONDS) * SLOWEST_BYTES_PER_SECOND) giveUp()
    }, 1_000)
  }

  arrived(bytes: number): void {
    this.bytes += bytes
  }

  end(): void {
    clearInterval(this.timer)
  }
}
