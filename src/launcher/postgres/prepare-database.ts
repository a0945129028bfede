import { type Settings } from '../../config/index.js'
import { migrate } from '../../database/index.js'
import { tellingTrouble } from '../database-trouble.js'
import { ensureServiceLogin } from './service-login.js'
import { tryLogin } from './try-login.js'

/**
 * Brings the schema up to date as its owner, and resolves to the URL with the login of the API and the workers: the
 * given one, which is tried, else one of our own that owns nothing. Throws a StartError.
 */
export async function prepareDatabase(settings: Settings, ownerUrl: string): Promise<string> {
  const { databaseUrl } = settings
  await tellingTrouble(sourceOfOwner(settings), () => migrate(ownerUrl))
  if (databaseUrl === undefined) return ensureServiceLogin(ownerUrl)
  await tellingTrouble('DATABASE_URL', () => tryLogin(databaseUrl, ownerUrl))
  return databaseUrl
}

/** The setting that the login of the owner comes from; undefined when the PostgreSQL is ours. */
export function sourceOfOwner({ databaseUrl, ownerDatabaseUrl }: Settings): string | undefined {
  if (ownerDatabaseUrl !== undefined) return 'OWNER_DATABASE_URL'
  return databaseUrl === undefined ? undefined : 'DATABASE_URL'
}
