import { isNowhere, isOutage, isRefused, isUnmigrated } from '../database/index.js'
import { StartError } from './start-error.js'

const MIGRATE = 'It was not migrated yet: run `npm run -s rollcall -- migrate` with the same settings first.'

const OWNER =
  'Migrations, projects and commands need the login that owns the tables: OWNER_DATABASE_URL, or else DATABASE_URL.\n' +
  'A login that only serves needs rights too, on a database that is migrated: GRANT rollcall_service TO …'

const LET_IN = 'Its owner or an administrator lets a login in: GRANT CONNECT ON DATABASE … TO …;'

/** Whether it is the database that cannot be used, and not something of ours that is wrong. */
export const isDatabaseTrouble = (cause: unknown): boolean =>
  isOutage(cause) ||
  isNowhere(cause) ||
  isRefused(cause) ||
  isUnmigrated(cause) ||
  cause instanceof AggregateError

/** Works on a database; whatever goes wrong is told as its trouble. `source` is the setting that its URL comes from. */
export async function tellingTrouble<T>(source: string | undefined, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (cause) {
    throw cause instanceof StartError ? cause : new StartError(databaseTrouble(cause, source))
  }
}

/** What to tell a person when a database cannot be used: why, and what to look at. */
export function databaseTrouble(cause: unknown, source?: string): string {
  return `The database cannot be used: ${reasonOf(cause as Error)}\n${adviceFor(cause, source)}`
}

/** A name with several addresses (localhost) fails with one error for each, and no message of its own. */
function reasonOf(error: Error): string {
  return error instanceof AggregateError && error.message === ''
    ? error.errors.map((each) => (each as Error).message).join(', ')
    : error.message
}

/** A migration that needs a role says itself what an administrator has to run. */
function adviceFor(cause: unknown, source: string | undefined): string {
  if (isUnmigrated(cause)) return MIGRATE
  if (!isRefused(cause)) return lookAt(source)
  const { message } = cause as Error
  if (message.startsWith('permission denied for database')) return LET_IN
  return message.includes('As an administrator') ? 'Then run the same command again.' : OWNER
}

const lookAt = (source: string | undefined): string =>
  source === undefined
    ? 'If DATABASE_URL or OWNER_DATABASE_URL is set, check that it is right and that its PostgreSQL (15 or later) runs.'
    : `Check that ${source} is right and that its PostgreSQL (15 or later) runs.`
