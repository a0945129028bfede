import { Client } from 'pg'
import { withClient } from '../../database/index.js'

/**
 * `starting` also stands for one that shuts down or recovers: it answers, but lets nobody in yet.
 * `refused`: whoever listens there does not know our password.
 */
export type PostgresAnswer = 'ready' | 'starting' | 'silent' | 'refused'

const CANNOT_CONNECT_NOW = '57P03'
const WRONG_CREDENTIALS = ['28P01', '28000']
const SILENT = ['ECONNREFUSED', 'ECONNRESET', 'ETIMEDOUT', 'EPIPE']

/** Asks the server behind the URL whether it takes connections and really serves that data folder. */
export async function askPostgres(url: string, data: string): Promise<PostgresAnswer> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: 2_000 })
  client.on('error', () => undefined) // a break is seen by the query that is under way
  try {
    await client.connect()
    const { rows } = await client.query<{ data_directory: string }>('SHOW data_directory')
    return rows[0]?.data_directory === data ? 'ready' : 'refused'
  } catch (error) {
    return explain(error as Error & { code?: string })
  } finally {
    await client.end().catch(() => undefined) // never connected: nothing to end
  }
}

/** Creates a database unless it is there. */
export async function ensureDatabase(adminUrl: string, name: string): Promise<void> {
  await withClient(adminUrl, async (client) => {
    const { rowCount } = await client.query('SELECT FROM pg_database WHERE datname = $1', [name])
    if (rowCount === 0) await client.query(`CREATE DATABASE ${client.escapeIdentifier(name)}`)
  })
}

function explain(error: Error & { code?: string }): PostgresAnswer {
  if (error.code === CANNOT_CONNECT_NOW) return 'starting'
  if (WRONG_CREDENTIALS.includes(error.code ?? '')) return 'refused'
  const cutShort = error.code === undefined && /timeout|terminated/i.test(error.message)
  if (cutShort || SILENT.includes(error.code ?? '')) return 'silent'
  throw error
}
