import { spawnSync } from 'node:child_process'
import { readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { createDatabase, makeFolder, type TestDatabase } from '../support/servers.js'

const CLONE = join(__dirname, '..', '..')

describe('npm run rollcall', () => {
  let database: TestDatabase

  beforeAll(async () => {
    database = await createDatabase()
  })

  afterAll(() => database.drop())

  it('explains itself', () => {
    const { status, stdout } = rollcall(['--help'])
    expect(status).toBe(0)
    expect(stdout).toMatch(/project[\s\S]*migrate/)
  })

  it('tells its version', () => {
    const { version } = JSON.parse(readFileSync(join(CLONE, 'package.json'), 'utf8')) as { version: string }
    expect(rollcall(['--version'])).toMatchObject({ status: 0, stdout: `${version}\n`, stderr: '' })
  })

  it.each([
    [['nonsense']],
    [['project']],
    [['project', 'create']],
    [['project', 'create', 'x', '--nonsense']],
    [['project', 'create', '  ']],
  ])('ends with 2 and a clean stdout when used wrongly: %p', (args) => {
    const { status, stdout, stderr } = rollcall(args)
    expect([status, stdout]).toEqual([2, ''])
    expect(stderr).not.toBe('')
  })

  it('ends with 2 when the settings are wrong', () => {
    const { status, stderr } = rollcall(['migrate'], { DATABASE_URL: 'mysql://nope' })
    expect(status).toBe(2)
    expect(stderr).toMatch(/DATABASE_URL must start with/)
  })

  it.each(['127.0.0.1', 'localhost'])('says what to look at when the database is away: %s', (host) => {
    for (const command of [['migrate'], ['project', 'create', 'x']]) {
      const { status, stderr } = rollcall(command, { DATABASE_URL: `postgres://u:p@${host}:1/none` })
      expect(status).toBe(1)
      expect(stderr).toMatch(
        /^The database cannot be used: connect ECONNREFUSED .*\nIf DATABASE_URL or OWNER_DATABASE_URL is set, check/,
      )
    }
  })

  it('says to migrate when the database has no schema yet', () => {
    const empty = new URL(database.url)
    empty.pathname = '/postgres'
    const { status, stdout, stderr } = rollcall(['project', 'create', 'x'], { DATABASE_URL: empty.href })
    expect([status, stdout]).toEqual([1, ''])
    expect(stderr).toMatch(
      /^The database cannot be used: relation "projects" does not exist\nIt was not migrated yet: run `npm run -s rollcall -- migrate`/,
    )
  })

  it('says what to do when nothing runs on the data folder', () => {
    const folder = makeFolder()
    const { status, stderr } = rollcall(['migrate'], { DATA_DIR: folder.path })
    expect(status).toBe(1)
    expect(stderr).toMatch(/npm start/)
    rmSync(folder.path, { recursive: true })
  })

  it('migrates', () => {
    expect(rollcall(['migrate'], { DATABASE_URL: database.url })).toMatchObject({ status: 0, stderr: '' })
  })

  it('takes the login of the owner alone, and before that of the processes', () => {
    const owner = { OWNER_DATABASE_URL: database.url }
    expect(rollcall(['project', 'list'], owner)).toMatchObject({ status: 0, stderr: '' })
    const wrong = { ...owner, DATABASE_URL: 'postgres://u:p@127.0.0.1:1/none' }
    expect(rollcall(['project', 'list'], wrong)).toMatchObject({ status: 0, stderr: '' })
  })

  it('creates a project and prints nothing but JSON', () => {
    const { status, stdout } = rollcall(['project', 'create', 'Any name', '--json'], {
      DATABASE_URL: database.url,
    })
    expect(status).toBe(0)
    const keys = JSON.parse(stdout) as Record<string, string>
    expect(Object.keys(keys)).toEqual(['project_id', 'app_id', 'app_token'])
    expect(Object.values(keys)).not.toContain('')
  })

  function rollcall(args: readonly string[], settings: NodeJS.ProcessEnv = {}) {
    return spawnSync(process.execPath, [join(CLONE, 'scripts', 'rollcall.mjs'), ...args], {
      cwd: CLONE,
      encoding: 'utf8',
      env: { PATH: process.env.PATH, HOME: process.env.HOME, ...settings },
    })
  }
})
