import { isNowhere, isOutage, isRefused, isUnmigrated } from '../database/index.js'

const MIGRATE = 'It was not migrated yet: run `npm run -s rollcall -- migrate` with the same settings first.'

const OWNER =
  'Commands and migrations need the login that owns the tables: OWNER_DATABASE_URL, or else DATABASE_URL.'

/** Whether it is the database that cannot be used, and not something of ours that is wrong. */
export const isDatabaseTrouble = (cause: unknown): boolean =>
  isOutage(cause) ||
  isNowhere(cause) ||
  isRefused(cause) ||
  isUnmigrated(cause) ||
  cause instanceof AggregateError

/** What to tell a person when a database cannot be used: why, and what to look at. `source` is where its URL is set. */
export function databaseTrouble(cause: unknown, source = 'DATABASE_URL or OWNER_DATABASE_URL'): string {
  return `The database cannot be used: ${reasonOf(cause as Error)}\n${adviceFor(cause, source)}`
}

/** A name with several addresses (localhost) fails with one error for each, and no message of its own. */
function reasonOf(error: Error): string {
  return error instanceof AggregateError && error.message === ''
    ? error.errors.map((each) => (each as Error).message).join(', ')
    : error.message
}

/** A migration that needs a role says itself what an administrator has to run. */
function adviceFor(cause: unknown, source: string): string {
  if (isUnmigrated(cause)) return MIGRATE
  if (!isRefused(cause))
    return `If ${source} is set, check that it is right and that its PostgreSQL (15 or later) runs.`
  return (cause as Error).message.includes('As an administrator') ? 'Then run the same command again.' : OWNER
}
