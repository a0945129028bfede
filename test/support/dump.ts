import { unpack } from '../../src/kernel/index.js'

type Query = <R extends Record<string, unknown>>(sql: string) => Promise<R[]>

/** Every row of every table as text, each beginning with the name of its table. */
export async function dumpOf(query: Query): Promise<string[]> {
  const tables = await query<{ name: string }>(
    `SELECT quote_ident(tablename) AS name FROM pg_tables WHERE schemaname = 'public' ORDER BY 1`,
  )
  const rows = await Promise.all(
    tables.map(({ name }) =>
      query<{ row: string; packed: Buffer | null }>(
        `SELECT '${name} ' || t::text AS row, ${name === WAITING ? 'packed' : 'NULL'} AS packed FROM ${name} t`,
      ),
    ),
  )
  return rows.flat().map(({ row, packed }) => (packed === null ? row : unpacked(row, packed)))
}

const WAITING = 'async_action_payloads'

/** PostgreSQL shows what is packed as a number of many digits, in which nobody would be found. */
function unpacked(row: string, packed: Buffer): string {
  const digits = packed.toString('hex')
  if (!row.includes(digits)) throw new Error('A row does not show what is packed in it.')
  return row.replace(digits, () => unpack(packed)?.toString() ?? packed.toString('latin1'))
}

/** The tables that hold a text anywhere, whatever its case. */
export async function tablesHolding(query: Query, text: string): Promise<string[]> {
  const rows = (await dumpOf(query)).filter((row) => row.toLowerCase().includes(text.toLowerCase()))
  return [...new Set(rows.map((row) => row.split(' ', 1)[0] ?? ''))]
}
