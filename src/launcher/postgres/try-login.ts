import { type Client, escapeIdentifier } from 'pg'
import { isRefused, isUnmigrated, withClient } from '../../database/index.js'
import { StartError } from '../start-error.js'

/** Of what the API and the workers need: tables of all projects, and the role of one. */
const NEEDED = ['SELECT FROM lanes, api_keys, projects LIMIT 0', 'SET ROLE rollcall_project', 'RESET ROLE']

/**
 * Whether a login opens to the API and the workers what they need, in the database that the owner has migrated: told
 * once and at once, before each of them finds out again and again. Throws a {@link StartError}, or what PostgreSQL says.
 */
export async function tryLogin(databaseUrl: string, ownerUrl: string): Promise<void> {
  const database = await withClient(databaseUrl, databaseForService)
  if (databaseUrl === ownerUrl) return
  if (database !== (await withClient(ownerUrl, databaseOf))) throw anotherDatabase()
}

async function databaseForService(client: Client): Promise<string | undefined> {
  try {
    for (const statement of NEEDED) await client.query(statement)
    return await databaseOf(client)
  } catch (cause) {
    if (isUnmigrated(cause)) throw anotherDatabase()
    if (!isRefused(cause)) throw cause
    throw new StartError(await whatIsMissing(client, cause as Error))
  }
}

/** The same for all logins to a database. A copy has the key of its original, and on one server another name. */
async function databaseOf(client: Client): Promise<string | undefined> {
  const { rows } = await client.query<{ database: string }>(
    `SELECT current_database() || ' ' || encode(sha256(report_signing_key), 'hex') AS database FROM installation`,
  )
  return rows[0]?.database
}

async function whatIsMissing(client: Client, { message }: Error): Promise<string> {
  const { rows } = await client.query<{ login: string; is_member: boolean }>(
    `SELECT current_user AS login,
       EXISTS (SELECT FROM pg_roles WHERE rolname = 'rollcall_service' AND pg_has_role(oid, 'MEMBER')) AS is_member`,
  )
  const { login = '', is_member: isMember = false } = rows[0] ?? {}
  const remedy = isMember
    ? 'It is a member of rollcall_service and does not inherit what that may: make it a login that inherits.'
    : `As an administrator of PostgreSQL run: GRANT rollcall_service TO ${escapeIdentifier(login)};`
  return `The login of DATABASE_URL lacks rights: ${message}\n${remedy}`
}

const anotherDatabase = (): StartError =>
  new StartError(
    'DATABASE_URL names another database than OWNER_DATABASE_URL: it must be the same, with another login.',
    2,
  )
