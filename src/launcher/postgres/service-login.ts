import { randomBytes } from 'node:crypto'
import { withClient } from '../../database/index.js'

/** Named after what it is for: the API and the workers of this data folder. */
const LOGIN = 'rollcall_processes'

/**
 * Makes sure of a login that owns nothing, for the API and the workers; resolves to its URL. Who breaks into one of
 * them is not the superuser of PostgreSQL. Its password is new with each start, and kept nowhere.
 */
export async function ensureServiceLogin(
  ownerUrl: string,
  password = randomBytes(24).toString('hex'),
): Promise<string> {
  await withClient(ownerUrl, async (client) => {
    const { rowCount } = await client.query('SELECT FROM pg_roles WHERE rolname = $1', [LOGIN])
    const verb = rowCount === 0 ? 'CREATE' : 'ALTER'
    await client.query(`${verb} ROLE ${LOGIN} LOGIN PASSWORD ${client.escapeLiteral(password)}`)
    await client.query(`GRANT rollcall_service TO ${LOGIN}`)
  })
  return Object.assign(new URL(ownerUrl), { username: LOGIN, password }).href
}
