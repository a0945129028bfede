import { readFileSync, readlinkSync, writeFileSync } from 'node:fs'
import { constants, setPriority } from 'node:os'
import { basename } from 'node:path'
import { isMainThread } from 'node:worker_threads'

/**
 * Steps on the scale of `nice`, each of which is worth about a quarter of the processor's time. A thread that cuts
 * requests goes behind the one that answers them, in the same process. A worker goes behind API and PostgreSQL, but no
 * further than it must: PostgreSQL is what it works with, and runs out of work where it goes far before it. On two cores
 * a request takes 0.44 s (new) and 0.64 s (changed) with 3, 0.45 and 0.65 with 0, 0.47 and 0.67 with 10 (medians of 16,
 * one worker of each, beside each other); with five clients that send 10 MB each one after another a read takes 69 and 78 ms (99th
 * percentile, two runs of 20 s) with 3, 70 and 92 with 10, and 116 and 140 with 0.
 */
export const BEHIND = { thread: constants.priority.PRIORITY_BELOW_NORMAL, worker: 3 } as const

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
  if (isMainThread) stepBackTogether(steps)
}

/**
 * Linux may share processors between sessions first (autogroup), and priorities count within one alone: what the
 * launcher starts has a session of its own. A session that others share is left alone.
 */
function stepBackTogether(steps: number): void {
  try {
    const [, fields = ''] = readFileSync('/proc/self/stat', 'utf8').split(') ')
    const session = Number(fields.split(' ')[3])
    if (session === process.pid) writeFileSync('/proc/self/autogroup', `${steps}`)
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
