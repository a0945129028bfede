import { Client, escapeIdentifier } from 'pg'
import { isRefused } from '../../database/index.js'
import { databaseTrouble } from '../database-trouble.js'
import { StartError } from '../start-error.js'

/** Of what a login needs: tables of all projects, and the role of one. */
const NEEDED = ['SELECT FROM lanes LIMIT 0', 'SET ROLE rollcall_project']

/**
 * Whether the given login of the API and the workers opens what they need: told once and at once, before each of them
 * finds out again and again. Throws a {@link StartError}.
 */
export async function tryLogin(databaseUrl: string): Promise<void> {
  const client = new Client({ connectionString: databaseUrl, connectionTimeoutMillis: 5_000 })
  client.on('error', () => undefined) // the statement that is under way tells of it
  try {
    await client.connect()
    for (const statement of NEEDED) await client.query(statement)
  } catch (cause) {
    const advice = isRefused(cause) ? notGranted(cause as Error, client.user) : undefined
    throw new StartError(advice ?? databaseTrouble(cause, 'DATABASE_URL'))
  } finally {
    await client.end()
  }
}

const notGranted = ({ message }: Error, user = 'it'): string =>
  `The login of DATABASE_URL lacks rights: ${message}\n` +
  `As an administrator of PostgreSQL run: GRANT rollcall_service TO ${escapeIdentifier(user)};`
