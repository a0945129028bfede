import { execFile } from 'node:child_process'
import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'
import { promisify } from 'node:util'

/** A Redis (or Valkey) server program, and the libraries it needs beside those of the system. */
export interface RedisBinary {
  readonly command: string
  readonly libraryPath?: string
}

export interface Search {
  /** Where to look: PATH, HOME and XDG_CACHE_HOME are used. */
  readonly env: NodeJS.ProcessEnv
  readonly say: (line: string) => void
  readonly signal?: AbortSignal | undefined
}

/** The first executable file of that name in the folders of a PATH. */
export function findOnPath(name: string, path = ''): string | undefined {
  const candidates = path.split(delimiter).map((folder) => join(folder === '' ? '.' : folder, name))
  return candidates.find(isExecutable)
}

/** Whether the program works here: tried, because it may miss a library or be made for another system. */
export async function runs({ command, libraryPath }: RedisBinary): Promise<boolean> {
  const env = { PATH: process.env.PATH, ...libraryEnvironment(libraryPath) }
  try {
    await promisify(execFile)(command, ['--version'], { env, timeout: 10_000 })
    return true
  } catch {
    return false // whatever is wrong with it, it is not the one to use
  }
}

export function libraryEnvironment(libraryPath: string | undefined): NodeJS.ProcessEnv {
  return libraryPath ? { LD_LIBRARY_PATH: libraryPath } : {}
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK)
    return true
  } catch {
    return false // not there, or not for us to run
  }
}
