import { readFileSync, writeFileSync } from 'node:fs'

/** Where /proc/<pid>/stat has the session, counted behind the command's name, which may hold anything. */
const SESSION = 3

/**
 * Linux may share processors between sessions first (autogroup), and priorities count within one alone: what the
 * launcher starts has a session of its own, and so has each backend of PostgreSQL. A session that others share is left
 * alone. Throws where the system does not know this, or does not let us.
 */
export function stepSessionBack(pid: number, steps: number): void {
  const [, fields = ''] = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')
  if (Number(fields.split(' ')[SESSION]) === pid) writeFileSync(`/proc/${pid}/autogroup`, `${steps}`)
}
