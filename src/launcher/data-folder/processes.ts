import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { until } from '../poll.js'

/**
 * A process known by its id and by a word of its command line. The id alone is not enough: after a crash it may
 * belong to something else by now, which must neither be waited for nor be ended.
 */
export interface KnownProcess {
  readonly pid: number
  readonly mark: string
}

/** Whether it runs; one that has ended and only waits for its parent to notice (a zombie) does not. */
export function isRunning({ pid, mark }: KnownProcess): boolean {
  return commandLineOf(pid).includes(mark)
}

/** Whether the id belongs to any process, be it one that only waits for its parent to notice its end. */
export function isTaken(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

/** Signals the process, if it still is the one meant. */
export function signalProcess(known: KnownProcess, signal: NodeJS.Signals): void {
  if (!isRunning(known)) return
  try {
    process.kill(known.pid, signal)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error // ended since we looked
  }
}

/** Waits until it has ended; false when it still runs after that time. */
export async function hasEnded(known: KnownProcess, timeoutMs: number): Promise<boolean> {
  const ended = until(() => !isRunning(known), { timeoutMs, failure: 'still runs' })
  return ended.catch(() => false)
}

/** The command line, empty when there is no such process. */
function commandLineOf(pid: number): string {
  return existsSync('/proc/self/cmdline') ? commandLineFromProc(pid) : commandLineFromPs(pid)
}

function commandLineFromProc(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8')
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT' || code === 'ESRCH') return ''
    throw error
  }
}

function commandLineFromPs(pid: number): string {
  try {
    return execFileSync('ps', ['-ww', '-o', 'command=', '-p', String(pid)], { encoding: 'utf8' })
  } catch (error) {
    if ((error as { status?: number }).status === 1) return '' // ps found no such process
    throw error
  }
}
