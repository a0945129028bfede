import { createDataSource, Database } from '../../src/database/index.js'
import { removeAudit } from '../../src/audit/index.js'
import { runCommand } from '../support/command-line.js'
import { Rollcall } from '../support/rollcall.js'

interface Entry {
  at: string
  project_id: string
  act: string
  client: string
  subject: string
  request_id: string | null
  details: object | null
}

const FORM = { 'content-type': 'application/x-www-form-urlencoded' }
const REQUEST_ID = 'x-voucherify-request-id'

let rollcall: Rollcall
let database: Database
let close: () => Promise<void>
let projectId: string
let appId: string

beforeAll(async () => {
  rollcall = await Rollcall.start()
  ;({ projectId, appId } = rollcall.keys)
  const dataSource = createDataSource(rollcall.database.url, { poolSize: 2, name: 'rollcall test' })
  await dataSource.initialize()
  database = new Database(dataSource)
  close = () => dataSource.destroy()
}, 60_000)
afterAll(async () => {
  await close()
  await rollcall.stop()
})

const audit = (...options: string[]) => runCommand(rollcall.database.url, 'audit', ...options)
async function entries(...options: string[]): Promise<Entry[]> {
  const { status, stdout, stderr } = await audit('--json', ...options)
  expect([status, stderr]).toEqual([0, ''])
  return (JSON.parse(stdout) as { entries: Entry[] }).entries
}
/** The newest entry, without what every entry has. */
async function newest(): Promise<Partial<Entry>> {
  const [{ at, project_id, ...entry } = {} as Partial<Entry>] = await entries(
    '--project',
    projectId,
    '--limit',
    '1',
  )
  expect([new Date(at ?? '').toISOString(), project_id]).toEqual([at, projectId])
  return entry
}
const bulk = (headers: Record<string, string> = {}) =>
  rollcall.call<{ async_action_id: string }>('POST', '/v1/customers/bulk/async', {
    headers,
    body: [{ source_id: 'a' }, { source_id: 'b' }],
  })
const oauth = (path: string, body: string) =>
  rollcall.call<{ access_token: string }>('POST', `/v1/oauth/${path}`, { headers: FORM, body })

describe('The audit log has an entry', () => {
  it('of a project and of its key', async () => {
    const created = await rollcall.projects.create('audited')
    const common = { client: '(operator)', request_id: null, details: null }
    expect(await entries('--project', created.projectId)).toMatchObject([
      { act: 'project.created', subject: created.projectId, ...common },
      { act: 'key.added', subject: created.appId, ...common },
    ])
  })

  it('of a key that is added, replaced, and revoked once', async () => {
    const added = await rollcall.projects.addKey(projectId)
    const keys = { appId: added?.appId ?? '', appToken: 'another-token-of-it' }
    const common = { subject: keys.appId, client: '(operator)', request_id: null, details: null }
    expect(await newest()).toEqual({ act: 'key.added', ...common })
    await rollcall.projects.ensure('any', keys)
    expect(await newest()).toEqual({ act: 'key.replaced', ...common })
    await rollcall.projects.ensure('any', keys) // the same again: nothing was done
    await rollcall.projects.revokeKey(keys.appId)
    await rollcall.projects.revokeKey(keys.appId)
    expect((await entries('--project', projectId, '--limit', '2')).map(({ act }) => act)).toEqual([
      'key.replaced',
      'key.revoked',
    ])
  })

  it('of a token that is issued, and of one that is revoked while it lives', async () => {
    const issued = await oauth('token', 'grant_type=client_credentials&scope=customers')
    const entry = await newest()
    expect(entry).toEqual({
      act: 'token.issued',
      subject: expect.stringMatching(/^[0-9a-f]{16}$/) as string,
      client: appId,
      request_id: issued.headers.get(REQUEST_ID),
      details: { scope: 'customers' },
    })
    const revoked = await oauth('token/revoke', `token=${issued.body.access_token}`)
    const end = { ...entry, act: 'token.revoked', request_id: revoked.headers.get(REQUEST_ID), details: null }
    expect(await newest()).toEqual(end)
    await oauth('token/revoke', `token=${issued.body.access_token}`)
    expect(await newest()).toEqual(end)
  })

  it.each([
    ['its keys', () => Promise.resolve({})],
    [
      'a token of its',
      async () => ({
        authorization: `Bearer ${(await oauth('token', 'grant_type=client_credentials&scope=api')).body.access_token}`,
      }),
    ],
  ])('of a bulk request, and by which application: by %s', async (_, headers) => {
    const { body, headers: answer } = await bulk(await headers())
    expect(await newest()).toEqual({
      act: 'action.accepted',
      subject: body.async_action_id,
      client: appId,
      request_id: answer.get(REQUEST_ID),
      details: { operation: 'CUSTOMERS.BULK_UPDATE', rows: 2 },
    })
  })

  it('of a bulk request that is repeated once', async () => {
    const once = { 'idempotency-key': 'audited' }
    const first = await bulk(once)
    const second = await bulk(once)
    expect(second.body).toEqual(first.body)
    const of = await entries('--project', projectId, '--limit', '1000')
    expect(of.filter(({ subject }) => subject === first.body.async_action_id)).toHaveLength(1)
  })

  it('of a person who is forgotten, without the person', async () => {
    await rollcall.finished((await bulk()).body.async_action_id)
    const { body, headers } = await rollcall.call<{ id: string; related_object_id: string }>(
      'POST',
      '/v1/customers/a/permanent-deletion',
    )
    const entry = await newest()
    expect(entry).toEqual({
      act: 'customer.erased',
      subject: body.id,
      client: appId,
      request_id: headers.get(REQUEST_ID),
      details: null,
    })
  })

  it('of a report that is downloaded, and of none that is not', async () => {
    const { async_action_id: id } = (await bulk()).body
    const action = await rollcall.finished(id)
    const link = action.result?.reports[0] ?? ''
    const answer = await fetch(link)
    await answer.text()
    const entry = {
      act: 'report.downloaded',
      subject: id,
      client: '(report link)',
      request_id: answer.headers.get(REQUEST_ID),
      details: null,
    }
    expect(await newest()).toEqual(entry)
    expect((await fetch(link.replace('token=', 'token=x'))).status).toBe(401)
    expect(await newest()).toEqual(entry)
  })

  it('of nothing that is refused', async () => {
    const before = await newest()
    const refused = await rollcall.call('POST', '/v1/customers/bulk/async', { body: [{ name: 'x' }] })
    expect(refused.status).toBe(400)
    expect((await oauth('token', 'grant_type=client_credentials&scope=nonsense')).status).toBe(400)
    expect((await oauth('token/revoke', 'token=nobodys')).status).toBe(200)
    expect((await rollcall.call('POST', '/v1/customers/nobody/permanent-deletion')).status).toBe(404)
    expect(await newest()).toEqual(before)
  })
})

describe('The command', () => {
  it('shows people one line for each entry, the newest last', async () => {
    await oauth('token', 'grant_type=client_credentials&scope=api')
    const { stdout } = await audit('--project', projectId, '--limit', '1')
    expect(stdout).toMatch(
      new RegExp(
        `^\\S+Z  ${projectId}  token.issued       [0-9a-f]{16} by ${appId}  v-\\S+  {"scope":"api"}\n$`,
      ),
    )
  })

  it('shows only what is newer than a time', async () => {
    const all = await entries('--limit', '100000')
    const since = all.at(-2)?.at ?? ''
    expect((await entries('--since', since)).at(-1)).toEqual(all.at(-1))
    expect((await audit('--since', '2999-01-01')).stdout).toBe('There is no such entry.\n')
  })

  it.each([
    [['--project', 'x'], 'is not the id of a project'],
    [['--since', 'yesterday'], '"yesterday" is no time'],
    [['--since', '2026-02-31'], '"2026-02-31" is no time'],
    [['--since', '2026-01-31T12:00'], 'is no time'],
    [['--limit', '0'], '--limit must be a whole number from 1 to 100000'],
  ])('says what is wrong with %p', async (options, message) => {
    const { status, stdout, stderr } = await audit(...options)
    expect([status, stdout]).toEqual([2, ''])
    expect(stderr).toContain(message)
  })
})

describe('Entries', () => {
  it.each([
    ['UPDATE audit_log SET client = $$somebody else$$', 'UPDATE refused'],
    ['DELETE FROM audit_log', 'DELETE refused'],
    ['TRUNCATE audit_log', 'TRUNCATE refused'],
  ])('are kept as they are, also for the owner of the table: %s', async (statement, refusal) => {
    await expect(rollcall.query(statement)).rejects.toThrow(refusal)
  })

  it('of another project, or of another time, cannot be made on behalf of a project', async () => {
    const { projectId: other } = await rollcall.projects.create('other')
    const insert = (columns: string, values: string) =>
      database.inProject(projectId, (session) =>
        session.execute(
          `INSERT INTO audit_log (act, client, subject, ${columns}) VALUES ('x', 'x', 'x', ${values})`,
        ),
      )
    await expect(insert('project_id', `'${other}'`)).rejects.toThrow('violates row-level security policy')
    await expect(insert('project_id, at', `'${projectId}', now()`)).rejects.toThrow('permission denied')
  })

  it('are removed when they are as old as they have to be', async () => {
    await rollcall.query(
      `INSERT INTO audit_log (project_id, at, act, client, subject) VALUES
         ($1, now() - interval '401 days', 'x', 'x', 'old'), ($1, now() - interval '399 days', 'x', 'x', 'young')`,
      [projectId],
    )
    const kept = async () =>
      (await entries('--limit', '100000')).filter(({ act }) => act === 'x').map(({ subject }) => subject)
    expect(await kept()).toEqual(['old', 'young'])
    expect(await database.acrossProjects((session) => removeAudit(session, 400))).toBe(1)
    expect(await kept()).toEqual(['young'])
  })
})
