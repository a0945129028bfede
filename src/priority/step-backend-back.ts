import { readFileSync } from 'node:fs'
import { getPriority, setPriority } from 'node:os'
import { setTimeout as pause } from 'node:timers/promises'
import { stepSessionBack } from './session.js'

/** The process of PostgreSQL that serves a connection. */
export interface Backend {
  /** As PostgreSQL names it. When that runs elsewhere, or behind a pooler, it is another process here, or none. */
  readonly pid: number
  /** The port of our end of the connection, which PostgreSQL shows in the title of the process. */
  readonly clientPort: number
}

/** Linux weighs ten sessions anew in a second, of all that ask for it, and tells others to ask again. */
const AGAIN_AFTER_MS = 100
/** Some seconds: many workers may start at once. */
const MOST_ATTEMPTS = 100

/**
 * Lets everything else on the machine go before what PostgreSQL does for this connection, if it does it here and we may:
 * with a server of our own, or as root. Elsewhere all goes on as before, only with less regard. Never rejects.
 */
export async function stepBackendBack(backend: Backend, steps: number): Promise<void> {
  for (let attempt = 0; attempt < MOST_ATTEMPTS; attempt++) {
    if (!isToldToWait(backend, steps)) return
    await pause(AGAIN_AFTER_MS * (1 + Math.random()), undefined, { ref: false })
  }
}

/** The process is looked at each time: its number may be another's by now. */
function step({ pid, clientPort }: Backend, steps: number): void {
  const title = readFileSync(`/proc/${pid}/cmdline`, 'utf8')
  if (!title.startsWith('postgres: ') || !title.includes(`(${clientPort})`)) return
  if (getPriority(pid) < steps) setPriority(pid, steps)
  stepSessionBack(pid, steps)
}

/** Whatever else is in the way will be so the next time, too. */
function isToldToWait(backend: Backend, steps: number): boolean {
  try {
    step(backend, steps)
    return false
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EAGAIN'
  }
}
