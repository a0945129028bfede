import { Client } from 'pg'
import { Rollcall } from '../support/rollcall.js'

/** What the processes of all tests run with (support/rollcall.ts), in the hands of somebody who means harm. */
let rollcall: Rollcall
let intruder: Client

beforeAll(async () => {
  rollcall = await Rollcall.start()
  await rollcall.finished(await rollcall.bulk([{ source_id: 'a' }]))
  const [login] = await rollcall.query<{ usename: string }>(
    `SELECT DISTINCT usename FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'rollcall api'`,
  )
  const url = Object.assign(new URL(rollcall.database.url), {
    username: login?.usename ?? '',
    password: 'test',
  })
  intruder = new Client({ connectionString: url.href })
  intruder.on('error', () => undefined) // the database is dropped before it is told
  await intruder.connect()
})
afterAll(async () => {
  await intruder.end()
  await rollcall.stop()
})

describe('Whoever has the login of an API', () => {
  it('is nobody special, and owns nothing', async () => {
    const { rows } = await intruder.query<Record<string, boolean>>(
      `SELECT rolsuper, rolbypassrls, rolcreaterole, rolcreatedb, rolreplication,
         EXISTS (SELECT FROM pg_class WHERE relowner = pg_roles.oid) AS has_tables
       FROM pg_roles WHERE rolname IN (current_user, 'rollcall_service')`,
    )
    expect(rows).toHaveLength(2)
    expect(rows.flatMap((role) => Object.entries(role).filter(([, allowed]) => allowed))).toEqual([])
  })

  it.each([
    ['CREATE TABLE mine ()', 'permission denied for schema public'],
    ['ALTER TABLE events DISABLE TRIGGER ALL', 'must be owner of table events'],
    ['DROP TABLE events', 'must be owner of table events'],
    [`UPDATE events SET data = '{}'`, 'permission denied for table events'],
    ['DELETE FROM events', 'permission denied for table events'],
    ['TRUNCATE events', 'permission denied for table events'],
    ['SELECT FROM events', 'permission denied for table events'],
    ['SELECT FROM customers', 'permission denied for table customers'],
    ['DELETE FROM customers', 'permission denied for table customers'],
    [`UPDATE async_actions SET status = 'DONE'`, 'permission denied for table async_actions'],
    ['DELETE FROM async_action_payloads', 'permission denied for table async_action_payloads'],
    [`INSERT INTO projects (name) VALUES ('mine')`, 'permission denied for table projects'],
    [`UPDATE api_keys SET revoked_at = NULL`, 'permission denied for table api_keys'],
    [`UPDATE installation SET report_signing_key = 'x'`, 'permission denied for table installation'],
    [
      `INSERT INTO access_tokens SELECT 'x', id, 'x', 'api', 'infinity' FROM projects`,
      'violates row-level security policy',
    ],
    [
      `INSERT INTO audit_log (project_id, act, client, subject) SELECT id, 'key.revoked', '(operator)', 'x' FROM projects`,
      'violates row-level security policy',
    ],
    [`UPDATE audit_log SET client = 'x'`, 'permission denied for table audit_log'],
    ['DELETE FROM audit_log', 'the audit log is append-only for 90 days: DELETE refused'],
    ['SET ROLE rollcall', 'permission denied to set role "rollcall"'],
    [`SELECT gin_clean_pending_list('appends_by_keys')`, 'must be owner of index appends_by_keys'],
    ['SET session_replication_role = replica', 'permission denied to set parameter'],
    [`COPY (SELECT 1) TO PROGRAM 'true'`, 'permission denied to COPY to or from an external program'],
    [`SELECT pg_read_file('/etc/passwd')`, 'permission denied for function pg_read_file'],
  ])('may not %s', async (statement, refusal) => {
    await expect(intruder.query(statement)).rejects.toThrow(refusal)
  })

  it('leaves a trace when it takes data out of events, the one thing it can do to them', async () => {
    await intruder.query('BEGIN; SET LOCAL ROLE rollcall_project')
    await intruder.query(`SET LOCAL rollcall.project_id = '${rollcall.keys.projectId}'`)
    const [customer] = (await intruder.query<{ id: string }>('SELECT id FROM customers')).rows
    await intruder.query(`SELECT erase_events($1, $2, 'CustomerUpserted', NULL, 1, '{"forged":1}')`, [
      rollcall.keys.projectId,
      customer?.id,
    ])
    await intruder.query('COMMIT')
    const entries = await rollcall.query(
      `SELECT subject, client, details FROM audit_log WHERE act = 'events.erased'`,
    )
    expect(entries).toEqual([
      { subject: customer?.id, client: '(database)', details: { type: 'CustomerUpserted', events: 1 } },
    ])
  })

  it('may have the keys of new events sorted in', async () => {
    expect((await intruder.query('SELECT sort_in_search_keys()')).rowCount).toBe(1)
  })

  it('runs nothing of its own with the rights of the owner', async () => {
    await rollcall.query('GRANT CREATE ON SCHEMA public TO PUBLIC') // as databases of old releases of PostgreSQL have it
    await intruder.query(
      `CREATE FUNCTION public.mine(int4[], int4[]) RETURNS boolean LANGUAGE plpgsql AS $$
       BEGIN EXECUTE 'CREATE TABLE public.made_by_owner ()'; RETURN true; END $$`,
    )
    await intruder.query(
      'CREATE OPERATOR public.@> (FUNCTION = public.mine, LEFTARG = int4[], RIGHTARG = int4[])',
    )
    await intruder.query('BEGIN; SET LOCAL ROLE rollcall_project')
    await intruder.query(`SET LOCAL rollcall.project_id = '${rollcall.keys.projectId}'`)
    await intruder.query(`SELECT streams_found_by('{1}')`)
    await intruder.query('COMMIT')
    expect(await rollcall.query(`SELECT to_regclass('public.made_by_owner')::text AS made`)).toEqual([
      { made: null },
    ])
  })

  it('sees the customers of a project only on its behalf, and cannot change its events even so', async () => {
    await intruder.query('BEGIN; SET LOCAL ROLE rollcall_project')
    await intruder.query(`SET LOCAL rollcall.project_id = '${rollcall.keys.projectId}'`)
    expect((await intruder.query('SELECT source_id FROM customers')).rows).toEqual([{ source_id: 'a' }])
    await expect(intruder.query('DELETE FROM events')).rejects.toThrow('permission denied for table events')
    await intruder.query('ROLLBACK')
  })
})
