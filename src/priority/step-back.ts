import { readlinkSync } from 'node:fs'
import { constants, setPriority } from 'node:os'
import { basename } from 'node:path'
import { isMainThread } from 'node:worker_threads'
import { stepSessionBack } from './session.js'

/**
 * Steps on the scale of `nice`, each of which makes a thread's share of a processor smaller by a fifth.
 * - `thread`: one that cuts requests goes behind the one that answers them, in the same process.
 * - `worker`: goes behind the API, but not far. With five clients that send 10 MB each one after another a read took 69
 *   and 78 ms (99th percentile, two runs of 20 s) with 3, 70 and 92 with 10, and 116 and 140 with 0, when the backends
 *   below were not behind anybody.
 * - `backend`: what PostgreSQL does for a worker goes behind the worker: of each lane there are up to four such backends
 *   to one thread that decides, on which all of them wait. As long as each of them went before that thread, a request of
 *   27,233 changed customers took 0.65 to 0.70 s on two cores, and with 6 to 13 steps 0.61 to 0.65 s (one worker, taking
 *   turns, medians of seven to twelve, in three runs of four; in the fourth, of a worker that was still warming up, no
 *   difference). With 19 it takes 4.6 % less than with 10 at one start of the processes and 4.9 % more at another. But
 *   such a backend may hold a lock that an API waits for: where something else keeps both cores busy, a new customer
 *   beside a bulk request took up to 63 ms with 10 and up to 433 ms with 19.
 */
export const BEHIND = { thread: constants.priority.PRIORITY_BELOW_NORMAL, worker: 3, backend: 10 } as const

/**
 * Lets everything else on the machine go before the calling thread, because whoever answers clients shall not wait for
 * what is done in the background.
 */
export function stepBack(steps: number): void {
  try {
    setPriority(ownThread(), steps)
  } catch {
    // Where the system does not let us, all goes on as before, only with less regard.
  }
  if (isMainThread) stepOwnSessionBack(steps)
}

function stepOwnSessionBack(steps: number): void {
  try {
    stepSessionBack(process.pid, steps)
  } catch {
    // Another system, or a Linux that does not do it.
  }
}

/** Linux knows threads by numbers of their own; elsewhere only the process, meant by 0, has a priority. */
function ownThread(): number {
  if (process.platform === 'linux') return Number(basename(readlinkSync('/proc/thread-self')))
  if (isMainThread) return 0
  throw new Error('A thread has no priority of its own here.')
}
