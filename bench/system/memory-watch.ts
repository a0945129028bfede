import { type Memory, memoryOf } from './procfs.js'

const EVERY_MS = 100

/** Keeps the highest memory use that was seen of a process. */
export class MemoryWatch {
  #peak: Memory | undefined
  readonly #timer: NodeJS.Timeout

  constructor(private readonly pid: () => number | undefined) {
    this.#timer = setInterval(() => {
      this.#look()
    }, EVERY_MS)
  }

  /** Undefined where the system does not tell. */
  get peak(): Memory | undefined {
    return this.#peak
  }

  stop(): void {
    clearInterval(this.#timer)
  }

  #look(): void {
    const pid = this.pid()
    const now = pid === undefined ? undefined : memoryOf(pid)
    if (now === undefined) return
    this.#peak = {
      rss: Math.max(now.rss, this.#peak?.rss ?? 0),
      pss: Math.max(now.pss, this.#peak?.pss ?? 0),
    }
  }
}
