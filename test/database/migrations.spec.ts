import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { deflateSync } from 'node:zlib'
import { Client } from 'pg'
import { textOf, type WaitingRows } from '../../src/async-actions/schedule/async-action-payload.js'
import { createDataSource, Database, migrate } from '../../src/database/index.js'
import { START_OF_LOG } from '../../src/event-store/index.js'
import { eventStoreOf, placesOf } from '../support/event.factory.js'
import { packed } from '../support/payload.factory.js'
import { createDatabase } from '../support/servers.js'

const PROJECT_ID = '0b9e8a4e-6f1c-4a39-9d35-2f6a8a1f3b11'

const cleanUps: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp()
})

async function connect(url: string): Promise<Client> {
  const client = new Client({ connectionString: url })
  await client.connect()
  cleanUps.push(() => client.end())
  return client
}

async function emptyDatabase(): Promise<string> {
  const url = new URL(process.env['ROLLCALL_TEST_DATABASE_URL'] ?? '')
  const admin = await connect(url.href)
  const name = `empty_${randomBytes(6).toString('hex')}`
  await admin.query(`CREATE DATABASE ${name} TEMPLATE template0`)
  cleanUps.push(async () => {
    await admin.query(`DROP DATABASE ${name} WITH (FORCE)`)
  })
  url.pathname = `/${name}`
  return url.href
}

const CATALOG = {
  columns: `
    SELECT table_name, column_name, data_type, collation_name, is_nullable, column_default, is_identity, identity_generation
    FROM information_schema.columns WHERE table_schema = 'public' ORDER BY table_name, ordinal_position`,
  indexes: `SELECT indexdef FROM pg_indexes WHERE schemaname = 'public' ORDER BY indexname`,
  constraints: `
    SELECT conrelid::regclass::text AS relation, conname, pg_get_constraintdef(oid) AS definition FROM pg_constraint
    WHERE connamespace = 'public'::regnamespace ORDER BY 1, 2`,
  triggers: `SELECT pg_get_triggerdef(oid) AS definition FROM pg_trigger WHERE NOT tgisinternal ORDER BY tgname`,
  functions: `
    SELECT pg_get_functiondef(oid) AS definition FROM pg_proc WHERE pronamespace = 'public'::regnamespace ORDER BY proname`,
  policies: `
    SELECT tablename, policyname, roles::text, cmd, qual, with_check FROM pg_policies WHERE schemaname = 'public' ORDER BY 1, 2`,
  rights: `
    SELECT table_name, grantee, privilege_type FROM information_schema.column_privileges
    WHERE table_schema = 'public' ORDER BY table_name, column_name, grantee, privilege_type`,
  options: `
    SELECT relname, reloptions FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'i') ORDER BY 1`,
  compression: `
    SELECT attrelid::regclass::text AS relation, attname FROM pg_attribute
    WHERE attcompression = 'l' AND attrelid IN (SELECT oid FROM pg_class WHERE relnamespace = 'public'::regnamespace) ORDER BY 1`,
}

/** Everything that the schema of a database consists of. */
async function schemaOf(url: string): Promise<Record<string, unknown[]>> {
  const client = await connect(url)
  const parts: Record<string, unknown[]> = {}
  for (const [name, sql] of Object.entries(CATALOG)) parts[name] = (await client.query(sql)).rows
  return parts
}

const valueOf = async (url: string, sql: string): Promise<unknown> => {
  const { rows } = await (await connect(url)).query<{ value: unknown }>(sql)
  return rows[0]?.value
}

async function templateSchema(): Promise<Record<string, unknown[]>> {
  const database = await createDatabase()
  cleanUps.push(() => database.drop())
  return schemaOf(database.url)
}

describe('The migrations', () => {
  it('make of an empty database what all other tests run on', async () => {
    const url = await emptyDatabase()
    await migrate(url)
    const schema = await schemaOf(url)
    expect(schema).toEqual(await templateSchema())
    expect(schema['columns']).not.toHaveLength(0)
  })

  it('can be run again and change nothing, not even the key that signs reports', async () => {
    const url = await emptyDatabase()
    await migrate(url)
    const key = await valueOf(url, 'SELECT report_signing_key AS value FROM installation')
    const before = await schemaOf(url)
    await migrate(url)
    expect(await schemaOf(url)).toEqual(before)
    expect(await valueOf(url, 'SELECT report_signing_key AS value FROM installation')).toEqual(key)
  })

  it('can be run by several starts at once', async () => {
    const url = await emptyDatabase()
    await Promise.all([migrate(url), migrate(url), migrate(url)])
    expect(await valueOf(url, 'SELECT count(*)::int AS value FROM installation')).toBe(1)
    expect(await valueOf(url, 'SELECT count(DISTINCT name) = count(*) AS value FROM migrations')).toBe(true)
  })

  it('give every installation a key of its own', async () => {
    const key = async () => {
      const url = await emptyDatabase()
      await migrate(url)
      return valueOf(url, `SELECT encode(report_signing_key, 'hex') AS value FROM installation`)
    }
    const [one, other] = [await key(), await key()]
    expect(one).toMatch(/^[0-9a-f]{64}$/)
    expect(one).not.toBe(other)
  })

  it('can be undone one by one, leave nothing behind, and be done again', async () => {
    const url = await emptyDatabase()
    await migrate(url)
    const before = await schemaOf(url)
    const dataSource = await createDataSource(url, { poolSize: 1, name: 'rollcall test' }).initialize()
    for (let left = dataSource.migrations.length; left > 0; left--) await dataSource.undoLastMigration()
    await dataSource.destroy()
    const { columns, functions } = await schemaOf(url)
    expect([...new Set(columns?.map((column) => (column as { table_name: string }).table_name))]).toEqual([
      'migrations',
    ])
    expect(functions).toEqual([])
    await migrate(url)
    expect(await schemaOf(url)).toEqual(before)
  })

  it('let persons be erased at every step of the way back', async () => {
    const url = await emptyDatabase()
    await migrate(url)
    const client = await connect(url)
    await client.query(
      `INSERT INTO events (project_id, stream_id, version, type, schema_version, data, occurred_at)
       VALUES ('${PROJECT_ID}', 'cust_a', 1, 'CustomerRegistered', 1, '{"name":"Ada"}', now())`,
    )
    const dataSource = await createDataSource(url, { poolSize: 1, name: 'rollcall test' }).initialize()
    cleanUps.push(() => dataSource.destroy())
    const last = () => valueOf(url, 'SELECT name AS value FROM migrations ORDER BY id DESC LIMIT 1')
    const isWalled = () =>
      valueOf(url, `SELECT count(*) > 0 AS value FROM pg_policies WHERE tablename = 'events'`)
    const erase = async (): Promise<unknown> => {
      await client.query('BEGIN')
      await client.query(`SELECT set_config('rollcall.project_id', '${PROJECT_ID}', true)`)
      if (await isWalled()) await client.query('SET LOCAL ROLE rollcall_project')
      const { rows } = await client.query<{ changed: number }>(
        `SELECT erase_events('${PROJECT_ID}', 'cust_a', 'CustomerRegistered', 1, 1, '{}') AS changed`,
      )
      await client.query('COMMIT')
      return rows[0]?.changed
    }
    const undone: unknown[] = []
    while ((await last()) !== 'WriteOnce1764400000000') {
      expect(await erase()).toBe(1)
      undone.push(await last())
      await dataSource.undoLastMigration()
    }
    expect(undone).toHaveLength(10)
    expect(await erase()).toBe(1)
  })

  it('are all there is to the schema: the entities ask for nothing else', async () => {
    const url = await emptyDatabase()
    await migrate(url)
    const dataSource = await createDataSource(url, { poolSize: 1, name: 'rollcall test' }).initialize()
    expect(dataSource.options.synchronize).toBe(false)
    expect(await dataSource.showMigrations()).toBe(false)
    await dataSource.destroy()
  })
})

describe('Rows that wait when they are first stored packed', () => {
  const INSERT = `INSERT INTO async_action_payloads (project_id, async_action_id, chunk, first_row, rows)
    VALUES ('${PROJECT_ID}', 'aa_old', $1, 0, $2)`
  const INSERT_PACKED = `INSERT INTO async_action_payloads (project_id, async_action_id, chunk, first_row, packed)
    VALUES ('${PROJECT_ID}', 'aa_new', $1, 0, $2)`

  /** A database as the release before left it, and what makes it one of this release and back again. */
  async function releaseBefore() {
    const url = await emptyDatabase()
    await migrate(url)
    const undo = async () => {
      const dataSource = await createDataSource(url, { poolSize: 1, name: 'rollcall test' }).initialize()
      while ((await columns(url)).includes('packed')) await dataSource.undoLastMigration()
      await dataSource.destroy()
    }
    await undo()
    return { url, client: await connect(url), undo }
  }
  const columns = async (url: string): Promise<string> =>
    (await valueOf(
      url,
      `SELECT string_agg(attname, ' ') AS value FROM pg_attribute WHERE attrelid = 'async_action_payloads'::regclass`,
    )) as string

  /** What is stored of an action, as a worker of this release reads it. */
  async function read(client: Client, asyncActionId: string): Promise<(string | undefined)[]> {
    const { rows } = await client.query<WaitingRows>(
      'SELECT rows, packed FROM async_action_payloads WHERE async_action_id = $1 ORDER BY chunk',
      [asyncActionId],
    )
    return rows.map((row) => textOf(row)?.toString())
  }

  it('are read as they are, those too that the release before still accepts', async () => {
    const { url, client } = await releaseBefore()
    await client.query(INSERT, [0, '[{"source_id":"a\\u0000"}]'])
    await migrate(url)
    await client.query(INSERT, [1, '[{"source_id":"b"}]'])
    await client.query(INSERT_PACKED, [0, packed('[{"source_id":"c"}]')])
    expect(await read(client, 'aa_old')).toEqual(['[{"source_id":"a\\u0000"}]', '[{"source_id":"b"}]'])
    expect(await read(client, 'aa_new')).toEqual(['[{"source_id":"c"}]'])
  })

  it('are not passed over by an erasure of the release before: it fails', async () => {
    const { url, client } = await releaseBefore()
    await migrate(url)
    await client.query(INSERT_PACKED, [0, packed('[{"source_id":"somebody"}]')])
    const mayName = `strpos(rows, 'somebody') > 0 OR strpos(rows, E'\\\\') > 0`
    const { rows } = await client.query(`SELECT FROM async_action_payloads WHERE ${mayName}`)
    expect(rows).toHaveLength(1)
    await expect(client.query(`UPDATE async_action_payloads SET rows = 'null'`)).rejects.toThrow(
      'async_action_payloads_one_form',
    )
  })

  it('are stored as they come: PostgreSQL does not try to compress them again', async () => {
    const { url } = await releaseBefore()
    await migrate(url)
    const storage = `SELECT attstorage AS value FROM pg_attribute
      WHERE attrelid = 'async_action_payloads'::regclass AND attname = 'packed'`
    expect(await valueOf(url, storage)).toBe('e')
  })

  it('are not changed by a build that cannot read them', async () => {
    const { url, client } = await releaseBefore()
    await migrate(url)
    const replace = (by: Uint8Array) => client.query('UPDATE async_action_payloads SET packed = $1', [by])
    await client.query(INSERT_PACKED, [0, deflateSync('["before"]')])
    await replace(packed('["now"]'))
    await replace(packed('["erased"]'))
    await expect(replace(deflateSync('null'))).rejects.toThrow('packed by a later build')
    const { rows } = await client.query<{ packed: Buffer }>('SELECT packed FROM async_action_payloads')
    expect(rows[0]?.packed).toEqual(Buffer.from(packed('["erased"]')))
  })

  it('are unpacked when the release before is to have them again', async () => {
    const { url, client, undo } = await releaseBefore()
    await migrate(url)
    await client.query(INSERT, [0, '[1]'])
    await client.query(INSERT_PACKED, [0, packed('["😀"]')])
    await client.query(INSERT_PACKED, [1, Buffer.from('damaged')])
    await client.query(INSERT_PACKED, [2, deflateSync('["deflated"]')])
    await undo()
    const { rows } = await client.query('SELECT rows FROM async_action_payloads ORDER BY 1')
    expect(rows).toEqual([{ rows: '' }, { rows: '["deflated"]' }, { rows: '["😀"]' }, { rows: '[1]' }])
  })
})

describe('Events that were recorded before there were appends', () => {
  const INSERT = `INSERT INTO events (project_id, stream_id, version, type, schema_version, data, occurred_at,
      correlation_id, causation_id, keys)
    SELECT '${PROJECT_ID}', name, 1, 'ThingHappened', 1, '{}', now(), 'v-' || name, 'aa_' || name, keys FROM (VALUES`
  const insertOlder = (client: Client, ...events: string[]) =>
    client.query(`${INSERT} ${events.join(', ')}) AS e (name, keys)`)
  const APPENDED = `SELECT stream_ids, versions, keys, changes_till IS NOT NULL AS changes FROM appends ORDER BY transaction_id, position`
  const EVENTS = `SELECT stream_id, transaction_id, keys, correlation_id, causation_id,
    row_number() OVER (ORDER BY transaction_id, global_position) AS place FROM events ORDER BY place`

  /** A database as the release before left it, with events of two transactions. */
  async function releaseBefore() {
    const url = await emptyDatabase()
    await migrate(url)
    const undo = async () => {
      const dataSource = await createDataSource(url, { poolSize: 1, name: 'rollcall test' }).initialize()
      while (await valueOf(url, `SELECT to_regclass('appends') IS NOT NULL AS value`))
        await dataSource.undoLastMigration()
      await dataSource.destroy()
    }
    await undo()
    const client = await connect(url)
    await insertOlder(client, `('b', '{7,8,9}'::int4[])`, `('a', '{5}')`, `('c', NULL)`)
    await insertOlder(client, `('d', NULL::int4[])`)
    const foundBy = async (key: number): Promise<unknown[]> => {
      await client.query(`BEGIN; SELECT set_config('rollcall.project_id', '${PROJECT_ID}', true)`)
      const { rows } = await client.query<{ id: string }>('SELECT streams_found_by($1) AS id', [[key]])
      await client.query('COMMIT')
      return rows.map(({ id }) => id)
    }
    return { url, client, undo, foundBy }
  }

  it('have the append of their transaction, are found by their keys, and stay as they are', async () => {
    const { url, client, foundBy } = await releaseBefore()
    const before = (await client.query(EVENTS)).rows
    await migrate(url)
    expect((await client.query(APPENDED)).rows).toEqual([
      { stream_ids: ['b', 'a', 'c'], versions: [1, 1, 1], keys: [7, 8, 9, 5, 0, 0, 0, 0, 0], changes: false },
      { stream_ids: ['d'], versions: [1], keys: null, changes: false },
    ])
    expect([await foundBy(8), await foundBy(5), await foundBy(1)]).toEqual([['b'], ['a'], []])
    expect((await client.query(EVENTS)).rows).toEqual(before)
  })

  it('are read with their own causes, in the order in which they were recorded', async () => {
    const { url, client } = await releaseBefore()
    await migrate(url)
    // As where a database was restored into a server that counts its transactions anew.
    await client.query(
      `WITH append AS (
         INSERT INTO appends (project_id, transaction_id, correlation_id, stream_ids, versions)
         SELECT project_id, transaction_id, 'v-later', '{later}', '{1}' FROM events WHERE stream_id = 'a'
         RETURNING project_id, position)
       INSERT INTO events (project_id, stream_id, version, type, schema_version, data, occurred_at, append_position)
       SELECT project_id, 'later', 1, 'ThingHappened', 1, '{}', now(), position FROM append`,
    )
    const dataSource = await createDataSource(url, { poolSize: 1, name: 'rollcall test' }).initialize()
    cleanUps.push(() => dataSource.destroy())
    const database = new Database(dataSource)
    const events = eventStoreOf({ ThingHappened: [] })
    const causes = await database.inProject(PROJECT_ID, (session) =>
      events.readStream(session, PROJECT_ID, 'a'),
    )
    expect(causes).toMatchObject([{ version: 1, correlationId: 'v-a', causationId: 'aa_a' }])
    const inOrder = ['b@1', 'a@1', 'c@1', 'later@1', 'd@1']
    let log: string[]
    // Other databases of the server may hold the log back for a moment.
    do {
      log = placesOf(await database.acrossProjects((session) => events.readLog(session, START_OF_LOG, 100)))
    } while (log.length < inOrder.length)
    expect(log).toEqual(inOrder)
  })

  it('may be followed by more of a release that still runs: each is an append', async () => {
    const { url, client, foundBy } = await releaseBefore()
    await migrate(url)
    await insertOlder(client, `('e', '{7}'::int4[])`, `('f', NULL)`)
    expect((await client.query(APPENDED)).rows.slice(2)).toEqual([
      { stream_ids: ['e'], versions: [1], keys: [7], changes: false },
      { stream_ids: ['f'], versions: [1], keys: null, changes: false },
    ])
    expect((await foundBy(7)).sort()).toEqual(['b', 'e'])
  })

  it('are what they were when the release before is to have them again, and with them what came since', async () => {
    const { url, client, undo, foundBy } = await releaseBefore()
    const before = (await client.query(EVENTS)).rows
    await migrate(url)
    await client.query(
      `WITH append AS (
         INSERT INTO appends (project_id, correlation_id, causation_id, stream_ids, versions, keys)
         VALUES ('${PROJECT_ID}', 'v-1', 'aa_1', '{e,f}', '{1,1}', '{0,0,3,0,0,0}') RETURNING position)
       INSERT INTO events (project_id, stream_id, version, type, schema_version, data, occurred_at, append_position)
       SELECT '${PROJECT_ID}', id, 1, 'ThingHappened', 1, '{}', now(), position
       FROM append CROSS JOIN unnest('{e,f}'::text[]) AS id`,
    )
    await undo()
    const after = (await client.query<Record<string, unknown>>(EVENTS)).rows
    expect(after.slice(0, 4)).toEqual(before)
    expect(after.slice(4)).toEqual([
      expect.objectContaining({ stream_id: 'e', keys: [3], correlation_id: 'v-1', causation_id: 'aa_1' }),
      expect.objectContaining({ stream_id: 'f', keys: null, correlation_id: 'v-1', causation_id: 'aa_1' }),
    ])
    expect([await foundBy(7), await foundBy(3)]).toEqual([['b'], ['e']])
    await insertOlder(client, `('g', NULL::int4[])`)
    expect((await client.query<{ stream_id: string }>(EVENTS)).rows.at(-1)?.stream_id).toBe('g')
  })
})

it('TypeORM’s command line shows which migrations a database has', async () => {
  const url = await emptyDatabase()
  await migrate(url)
  const { stdout } = await promisify(execFile)('npm', ['run', '-s', 'orm', '--', 'migration:show'], {
    cwd: join(__dirname, '..', '..'),
    env: { ...process.env, DATABASE_URL: url },
  })
  expect(stdout).toMatch(/\[X\] .*CreateTables1764000000000/)
})
