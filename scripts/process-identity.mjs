/**
 * Tells whether a process that was seen earlier is still the same one. A process id alone does not: ids are
 * given again, and after a kill -9 nobody takes back what was written down. The id together with the moment
 * the process began is never given twice.
 */
import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'

/** The moment the process began, as the system words it; undefined when no such process runs. */
export function startTimeOf(pid) {
  return existsSync('/proc/self/stat') ? startTimeFromProc(pid) : startTimeFromPs(pid)
}

/** Whether the process that had this id and began at this moment still runs. */
export function isSameProcessRunning({ pid, startedAt }) {
  const now = startTimeOf(pid)
  return now !== undefined && now === startedAt
}

/** Fields of /proc/<pid>/stat after the command name, which may itself hold spaces and brackets. */
const STATE = 0
const START_TIME = 19

function startTimeFromProc(pid) {
  let stat
  try {
    stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  } catch (error) {
    if (error.code === 'ENOENT' || error.code === 'ESRCH') return undefined
    throw error
  }
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  // A zombie holds nothing any more; it only waits for its parent to notice.
  return fields[STATE] === 'Z' || fields[STATE] === 'X' ? undefined : fields[START_TIME]
}

function startTimeFromPs(pid) {
  try {
    const line = execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], {
      encoding: 'utf8',
      env: { ...process.env, LC_ALL: 'C' },
    })
    return line.trim() || undefined
  } catch (error) {
    if (error.status === 1) return undefined // ps found no such process
    throw error
  }
}
