import { type Settings } from '../config/index.js'
import { DataFolder, isRunning, RunningFile } from '../launcher/index.js'
import { CommandError } from './command-error.js'

/** Stands on the command line of every start. */
const LAUNCHER = 'start.mjs'

/**
 * The database a command works on, as the owner of its tables: the given one, else that of the start that runs on the
 * data folder.
 */
export function findDatabase({ ownerDatabaseUrl, databaseUrl, dataDir }: Settings): string {
  const given = ownerDatabaseUrl ?? databaseUrl
  if (given !== undefined) return given
  const folder = new DataFolder(dataDir)
  const start = new RunningFile(folder).read()
  const isUp = start !== undefined && isRunning({ pid: start.pid, mark: LAUNCHER })
  if (isUp && start.databaseUrl !== undefined) return start.databaseUrl
  throw new CommandError(
    `No Rollcall runs on the data folder ${folder.path}.\n` +
      'Run `npm start` first (with the same DATA_DIR), or set OWNER_DATABASE_URL or DATABASE_URL.',
  )
}
