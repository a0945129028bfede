import { readFileSync, readlinkSync, writeFileSync } from 'node:fs'
import { constants, setPriority } from 'node:os'
import { basename } from 'node:path'
import { isMainThread } from 'node:worker_threads'

/**
 * Lets everything else on the machine go before the calling thread, because whoever answers clients shall not wait for
 * what is done in the background. On two cores, with five clients that sent 10 MB each one after another, a read took
 * 17 ms instead of 125 (median), and the API's event loop was late by 38 ms instead of 118 (99th percentile); a request
 * by itself takes as long as before.
 */
export function stepBack(): void {
  try {
    setPriority(ownThread(), constants.priority.PRIORITY_BELOW_NORMAL)
  } catch {
    // Where the system does not let us, all goes on as before, only with less regard.
  }
  if (isMainThread) stepBackTogether()
}

/**
 * Linux may share processors between sessions first (autogroup), and priorities count within one alone: what the
 * launcher starts has a session of its own. A session that others share is left alone. With five clients as above a
 * read took 3.5 ms instead of 8.2 (median) and a request was accepted after 464 ms instead of 919.
 */
function stepBackTogether(): void {
  try {
    const [, fields = ''] = readFileSync('/proc/self/stat', 'utf8').split(') ')
    const session = Number(fields.split(' ')[3])
    if (session === process.pid)
      writeFileSync('/proc/self/autogroup', `${constants.priority.PRIORITY_BELOW_NORMAL}`)
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
