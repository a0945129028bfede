import { closeSync, openSync, readFileSync, writeSync } from 'node:fs'

/** No system gives this id to a process: it is the largest that fits, and all stop far below. */
const NOBODY = 2_147_483_647

/**
 * To be called when the process that `postmaster.pid` names is by now something else, or when the note was cut short:
 * both would keep PostgreSQL from starting. Names a process that cannot be. The note itself stays, because it also names the shared memory by which
 * PostgreSQL sees that backends of its dead predecessor still write to the data; it waits for their end then, and
 * removes the note itself.
 */
export function disownNote(note: string): void {
  const [, ...rest] = readFileSync(note, 'utf8').split('\n')
  // In one write over what is there: its owner stays, and no moment finds it empty.
  const file = openSync(note, 'r+')
  try {
    writeSync(file, [NOBODY, ...rest].join('\n'), 0)
  } finally {
    closeSync(file)
  }
}
