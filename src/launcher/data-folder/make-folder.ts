import { mkdirSync, mkdtempSync, rmdirSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'

/**
 * Makes a folder unless it is there; throws, saying why in plain words, when that cannot be done or when nothing can
 * be written into it: tried, not guessed.
 */
export function makeWritableFolder(path: string, mode: number): void {
  makeFolder(path, mode)
  attempt(() => {
    rmdirSync(mkdtempSync(join(path, '.writable-')))
  })
}

/**
 * Level by level, from the nearest folder that is there: where a file system takes no folders (/proc) Node's own
 * `recursive` tries for ever, at full load and deaf to signals.
 */
function makeFolder(path: string, mode: number): void {
  if (isFolder(path)) return
  makeFolder(dirname(path), mode)
  make(path, mode)
}

function make(path: string, mode: number): void {
  attempt(() => {
    try {
      mkdirSync(path, { mode })
    } catch (error) {
      if (codeOf(error) === 'ENOENT') throw new Error('its file system takes no folders', { cause: error })
      if (codeOf(error) !== 'EEXIST' || !isFolder(path)) throw error // else another start was faster
    }
  })
}

function isFolder(path: string): boolean {
  const found = attempt(() => statSync(path, { throwIfNoEntry: false }))
  if (found && !found.isDirectory()) throw new Error(`${path} is not a folder`)
  return found !== undefined
}

/** Node's messages are `EACCES: permission denied, mkdir '/x'`. */
function attempt<T>(work: () => T): T {
  try {
    return work()
  } catch (error) {
    const words = /^E\w+: ([^,]+),/.exec((error as Error).message)?.[1]
    throw words === undefined ? error : new Error(words, { cause: error })
  }
}

const codeOf = (error: unknown): string | undefined => (error as NodeJS.ErrnoException).code
