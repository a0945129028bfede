import { execFileSync } from 'node:child_process'
import { cpus, totalmem } from 'node:os'

/** What has to be known of a run to compare it with another. */
export interface Machine {
  readonly date: string
  readonly commit: string
  readonly cores: number
  readonly cpu: string
  readonly memoryBytes: number
  readonly node: string
  readonly postgres: string
}

export const describeMachine = (clone: string, postgres: string): Machine => ({
  date: new Date().toISOString(),
  commit: commitOf(clone),
  cores: cpus().length,
  cpu: cpus()[0]?.model ?? 'unknown',
  memoryBytes: totalmem(),
  node: process.version,
  postgres,
})

/** Marked with a plus sign when files differ from the commit. */
export function commitOf(clone: string): string {
  const git = (...args: string[]): string =>
    execFileSync('git', args, { cwd: clone, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim()
  try {
    return git('rev-parse', '--short', 'HEAD') + (git('status', '--porcelain') === '' ? '' : '+')
  } catch {
    return 'unknown'
  }
}
