import { writeFileSync } from 'node:fs'
import { memoryOf, peakRssOf } from './procfs.js'

/** Written to /proc/<pid>/clear_refs it makes the kernel begin anew with the highest memory use. */
const FORGET_PEAK = '5'

/**
 * The most memory (PSS, in bytes) that a process needs from now on. It is the kernel's own peak of the resident
 * memory, less what is shared with other processes (the program and its libraries), which hardly ever changes. Nothing
 * is read while the process works: reading the PSS of such a process takes 5 ms, and would have to be done all the time.
 */
export class PeakMemory {
  readonly #isExact: boolean

  constructor(private readonly pid: number | undefined) {
    this.#isExact = forgetPeak(pid)
  }

  /** NaN where the system does not tell, and when the process ended meanwhile. */
  read(): number {
    const [now, peak] = [memoryOf(this.pid), peakRssOf(this.pid)]
    if (now === undefined || peak === undefined || !this.#isExact) return NaN
    return Math.max(now.pss, peak - (now.rss - now.pss))
  }
}

function forgetPeak(pid: number | undefined): boolean {
  try {
    writeFileSync(`/proc/${pid ?? 0}/clear_refs`, FORGET_PEAK)
    return true
  } catch {
    return false
  }
}
