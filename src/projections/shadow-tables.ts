import { type Row, type Session } from '../database/index.js'
import { type ProjectedTable } from './projection.js'

/**
 * Fresh tables beside the live ones, for one connection and empty after each transaction. PostgreSQL looks among
 * temporary tables first: what writes into a table by its name writes into its shadow, and projections need not know.
 */
export async function makeShadows(session: Session, tables: readonly ProjectedTable[]): Promise<void> {
  for (const { name } of tables) {
    await session.execute(
      `CREATE TEMPORARY TABLE ${name} (LIKE public.${name} INCLUDING ALL)
       ON COMMIT DELETE ROWS`,
    )
    await dropUniqueKeys(session, name)
    await session.execute(`GRANT ALL ON pg_temp.${name} TO rollcall_project`)
  }
}

const UNIQUE_KEYS = `
  SELECT indexrelid::regclass::text AS name FROM pg_index
  WHERE indrelid = $1::regclass AND indisunique AND NOT indisprimary`

/** What events say may not fit together once rows were lost: two customers may have got one name. */
async function dropUniqueKeys(session: Session, table: string): Promise<void> {
  const keys = await session.rows<Row & { name: string }>(UNIQUE_KEYS, [`pg_temp.${table}`])
  for (const { name } of keys) await session.execute(`DROP INDEX ${name}`)
}

/** Ids of streams whose rows in the range are not, column by column, what their shadows are. */
export async function findDifferences(
  session: Session,
  projectId: string,
  { name, stream, columns }: ProjectedTable,
  { after, upTo }: { readonly after: string; readonly upTo: string },
): Promise<string[]> {
  // As text, because JSON cannot be compared as anything else.
  const list = [stream, ...columns.map((column) => `${column}::text`)].join(', ')
  const live = `SELECT ${list} FROM public.${name} WHERE project_id = $1 AND ${stream} > $2 AND ${stream} <= $3`
  const shadow = `SELECT ${list} FROM pg_temp.${name}`
  const rows = await session.rows<Row & { id: string }>(
    `SELECT DISTINCT ${stream} AS id FROM (
       (${live} EXCEPT ALL ${shadow}) UNION ALL (${shadow} EXCEPT ALL ${live})) different ORDER BY id`,
    [projectId, after, upTo],
  )
  return rows.map(({ id }) => id)
}

/**
 * Puts the shadows of some streams in the place of their rows. Resolves with the streams for which there was no place,
 * because the row of another has their unique key: the newest keeps it.
 */
export async function putBack(
  session: Session,
  projectId: string,
  { name, stream, columns, order = `${stream} DESC` }: ProjectedTable,
  streamIds: readonly string[],
): Promise<string[]> {
  const list = ['project_id', stream, ...columns].join(', ')
  await session.execute(`DELETE FROM public.${name} WHERE project_id = $1 AND ${stream} = ANY ($2)`, [
    projectId,
    streamIds,
  ])
  await session.execute(
    `INSERT INTO public.${name} (${list})
     SELECT ${list} FROM pg_temp.${name} WHERE ${stream} = ANY ($1) ORDER BY ${order}
     ON CONFLICT DO NOTHING`,
    [streamIds],
  )
  const left = await session.rows<Row & { id: string }>(
    `SELECT ${stream} AS id FROM pg_temp.${name} WHERE ${stream} = ANY ($2)
     EXCEPT SELECT ${stream} FROM public.${name} WHERE project_id = $1 AND ${stream} = ANY ($2)`,
    [projectId, streamIds],
  )
  return left.map(({ id }) => id)
}
