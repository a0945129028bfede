type Query = <R extends Record<string, unknown>>(sql: string) => Promise<R[]>

/** Every row of every table as text, each beginning with the name of its table. */
export async function dumpOf(query: Query): Promise<string[]> {
  const tables = await query<{ name: string }>(
    `SELECT quote_ident(tablename) AS name FROM pg_tables WHERE schemaname = 'public' ORDER BY 1`,
  )
  const rows = await Promise.all(
    tables.map(({ name }) => query<{ row: string }>(`SELECT '${name} ' || t::text AS row FROM ${name} t`)),
  )
  return rows.flat().map(({ row }) => row)
}

/** The tables that hold a text anywhere, whatever its case. */
export async function tablesHolding(query: Query, text: string): Promise<string[]> {
  const rows = (await dumpOf(query)).filter((row) => row.toLowerCase().includes(text.toLowerCase()))
  return [...new Set(rows.map((row) => row.split(' ', 1)[0] ?? ''))]
}
