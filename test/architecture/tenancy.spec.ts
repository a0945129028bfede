import { openStore, type TestStore } from '../support/test-store.factory.js'

/** The machinery that serves all projects; everything else is a project's own. */
const MACHINERY = ['access_tokens', 'api_keys', 'installation', 'migrations', 'projects']

let store: TestStore

beforeAll(async () => {
  store = await openStore(2)
})
afterAll(() => store.close())

interface Key extends Record<string, unknown> {
  table: string
  columns: string[]
}

/** The columns of every unique index, in their order. */
const keysOf = (condition: string): Promise<Key[]> =>
  store.query(
    `SELECT indrelid::regclass::text AS table, array_agg(attname::text ORDER BY place) AS columns
     FROM pg_index
     JOIN pg_class ON pg_class.oid = indrelid AND relnamespace = 'public'::regnamespace
     CROSS JOIN unnest(indkey) WITH ORDINALITY AS part (number, place)
     JOIN pg_attribute ON attrelid = indrelid AND attnum = part.number
     WHERE ${condition} GROUP BY indexrelid, indrelid ORDER BY 1`,
  )

const tables = async (): Promise<string[]> => {
  const rows = await store.query<{ name: string }>(
    `SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public' ORDER BY 1`,
  )
  return rows.map(({ name }) => name)
}

const owned = async (): Promise<string[]> => (await tables()).filter((table) => !MACHINERY.includes(table))

describe('What a project owns', () => {
  it('is in tables whose primary key begins with the project', async () => {
    const keys = new Map((await keysOf('indisprimary')).map(({ table, columns }) => [table, columns[0]]))
    expect((await owned()).map((table) => [table, keys.get(table)])).toEqual(
      (await owned()).map((table) => [table, 'project_id']),
    )
    expect(await owned()).toEqual(expect.arrayContaining(['async_actions', 'customers', 'events']))
  })

  it('is told apart within the project alone: every unique key begins with it', async () => {
    const keys = await keysOf('indisunique')
    const own = keys.filter(({ table }) => !MACHINERY.includes(table))
    expect(own.filter(({ columns }) => columns[0] !== 'project_id')).toEqual([])
    expect(own.length).toBeGreaterThanOrEqual((await owned()).length)
  })

  it('has its project as a uuid that is never missing', async () => {
    const columns = await store.query<{ name: string }>(
      `SELECT table_name AS name FROM information_schema.columns
       WHERE table_schema = 'public' AND column_name = 'project_id' AND data_type = 'uuid' AND is_nullable = 'NO'`,
    )
    expect(columns.map(({ name }) => name)).toEqual(expect.arrayContaining(await owned()))
  })

  it('has texts in its keys that are compared byte by byte', async () => {
    const other = await store.query(
      `SELECT indrelid::regclass::text AS table, attname FROM pg_index
       JOIN pg_attribute ON attrelid = indrelid AND attnum = ANY (indkey)
       JOIN pg_collation ON pg_collation.oid = attcollation
       WHERE indisunique AND collname <> 'C' AND indrelid IN (
         SELECT oid FROM pg_class WHERE relnamespace = 'public'::regnamespace)`,
    )
    expect(other).toEqual([])
  })
})
