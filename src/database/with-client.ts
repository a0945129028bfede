import { Client } from 'pg'
import { withTimeout } from '../kernel/index.js'

const LONGEST_CONNECT_MS = 10_000
/** A new database is copied, on a slow disk for seconds. */
const LONGEST_ANSWER_MS = 30_000
const LONGEST_GOODBYE_MS = 1_000

/** Works on one connection of its own, of which no step takes for ever. */
export async function withClient<T>(
  connectionString: string,
  work: (client: Client) => Promise<T>,
): Promise<T> {
  const client = new Client({
    connectionString,
    connectionTimeoutMillis: LONGEST_CONNECT_MS,
    query_timeout: LONGEST_ANSWER_MS,
  })
  client.on('error', () => undefined) // the statement that is under way tells of it
  try {
    await client.connect()
    return await work(client)
  } finally {
    await sayGoodbye(client)
  }
}

/** The other end may be gone without a sign, and would be waited for until the process is cut off. */
export async function sayGoodbye(client: Client): Promise<void> {
  await withTimeout(client.end(), LONGEST_GOODBYE_MS).catch(() => client.connection.stream.destroy())
}
