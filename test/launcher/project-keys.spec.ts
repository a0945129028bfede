import { randomUUID } from 'node:crypto'
import { type Ended, runCommand } from '../support/command-line.js'
import { eventually, Rollcall } from '../support/rollcall.js'

interface Keys {
  project_id: string
  app_id: string
  app_token: string
}

let rollcall: Rollcall

beforeAll(async () => {
  rollcall = await Rollcall.start({ workers: 0 })
})
afterAll(() => rollcall.stop())

const run = (...args: string[]): Promise<Ended> => runCommand(rollcall.database.url, ...args)
async function json<T>(...args: string[]): Promise<T> {
  const { status, stdout, stderr } = await run(...args, '--json')
  expect([status, stderr]).toEqual([0, ''])
  return JSON.parse(stdout) as T
}
const newProject = (name: string): Promise<Keys> => json('project', 'create', name)
const listed = async (projectId: string) =>
  (
    await json<{ keys: { app_id: string; revoked_at: string | null }[] }>(
      'project',
      'keys',
      'list',
      projectId,
    )
  ).keys

/** The status of a call with these keys, or with an access token. */
const called = async ({ app_id: appId, app_token: appToken }: Keys): Promise<number> =>
  (await rollcall.call('GET', '/v1/customers', { keys: { appId, appToken } })).status
const calledBy = async (token: string): Promise<number> =>
  (await rollcall.call('GET', '/v1/customers', { keys: null, headers: { authorization: `Bearer ${token}` } }))
    .status
const tokenOf = async ({ app_id: appId, app_token: appToken }: Keys): Promise<string> => {
  const answer = await rollcall.call<{ access_token: string }>('POST', '/v1/oauth/token', {
    keys: { appId, appToken },
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: 'grant_type=client_credentials&scope=api',
  })
  return answer.body.access_token
}

describe('The keys of a project', () => {
  it('are replaced while clients use them: add, tell, revoke', async () => {
    const first = await newProject('rotated')
    const token = await tokenOf(first)
    const second = await json<Keys>('project', 'keys', 'add', first.project_id)
    expect(second.project_id).toBe(first.project_id)
    expect([await called(first), await called(second), await calledBy(token)]).toEqual([200, 200, 200])

    const revoked = await json<{ app_id: string; revoked_at: string }>(
      'project',
      'keys',
      'revoke',
      first.app_id,
    )
    expect(revoked).toEqual({ app_id: first.app_id, revoked_at: expect.any(String) as string })
    await eventually(
      'both are refused',
      async () => ((await called(first)) === 401 && (await calledBy(token)) === 401 ? true : undefined),
      5,
    )
    expect(await called(second)).toBe(200)
  })

  it('are secrets of 238 bits behind a word that is easily found', async () => {
    const { app_token } = await newProject('any')
    expect(app_token).toMatch(/^rollcall_[0-9A-Za-z]{40}$/)
  })

  it('are listed with when they were made and revoked, and without their tokens', async () => {
    const first = await newProject('listed')
    const second = await json<Keys>('project', 'keys', 'add', first.project_id)
    const { revoked_at } = await json<{ revoked_at: string }>('project', 'keys', 'revoke', first.app_id)
    const created_at = expect.stringMatching(/Z$/) as string
    expect(await listed(first.project_id)).toEqual([
      { app_id: first.app_id, created_at, revoked_at },
      { app_id: second.app_id, created_at, revoked_at: null },
    ])
    const { stdout } = await run('project', 'keys', 'list', first.project_id)
    expect(stdout.split('\n')[0]).toMatch(
      new RegExp(`^${first.app_id}  created \\S+Z, revoked ${revoked_at}$`),
    )
    expect(stdout).not.toContain(first.app_token)
  })

  it('once revoked stay revoked, since the first time', async () => {
    const { app_id } = await newProject('twice')
    const [first, second] = [
      await run('project', 'keys', 'revoke', app_id),
      await run('project', 'keys', 'revoke', app_id),
    ]
    expect(first).toMatchObject({ status: 0, stderr: '' })
    expect(second).toEqual(first)
  })

  it('that were revoked are not made anew by a start that makes sure of them', async () => {
    const { app_id: appId, app_token: appToken } = await newProject('ensured')
    expect(await rollcall.projects.ensure('Demo project', { appId, appToken })).toBe(true)
    await run('project', 'keys', 'revoke', appId)
    expect(await rollcall.projects.ensure('Demo project', { appId, appToken: `${appToken}x` })).toBe(false)
    expect(
      (await rollcall.call('GET', '/v1/customers', { keys: { appId, appToken: `${appToken}x` } })).status,
    ).toBe(401)
  })
})

describe('project list', () => {
  it('shows every project with its id and its keys that were not revoked', async () => {
    const { project_id, app_id } = await newProject('shown here')
    const second = await json<Keys>('project', 'keys', 'add', project_id)
    const third = await json<Keys>('project', 'keys', 'add', project_id)
    await run('project', 'keys', 'revoke', second.app_id)
    const { projects } = await json<{ projects: object[] }>('project', 'list')
    expect(projects).toContainEqual({ project_id, name: 'shown here', app_ids: [app_id, third.app_id] })
    expect((await run('project', 'list')).stdout).toContain(
      `${project_id}  shown here  (${app_id}, ${third.app_id})\n`,
    )
  })

  it('says that a project has no key', async () => {
    const { project_id, app_id } = await newProject('shut')
    await run('project', 'keys', 'revoke', app_id)
    expect((await run('project', 'list')).stdout).toContain(`${project_id}  shut  (no key)\n`)
  })
})

describe('A command on keys ends', () => {
  const nobody = randomUUID()

  it.each([
    [['keys', 'add', nobody], `There is no project ${nobody}: project list shows them.\n`],
    [['keys', 'list', nobody], `There is no project ${nobody}: project list shows them.\n`],
    [['keys', 'revoke', 'nobody'], 'There is no key nobody: project keys list shows them.\n'],
  ])('with 1 when there is none: %p', async (args, stderr) => {
    expect(await run('project', ...args)).toEqual({ status: 1, stdout: '', stderr })
  })

  it.each([
    [['keys']],
    [['keys', 'add']],
    [['keys', 'add', 'mine']],
    [['keys', 'list', `${nobody}0`]],
    [['keys', 'revoke']],
  ])('with 2 and a clean stdout when it is used wrongly: %p', async (args) => {
    const { status, stdout, stderr } = await run('project', ...args)
    expect([status, stdout]).toEqual([2, ''])
    expect(stderr).not.toBe('')
  })
})
