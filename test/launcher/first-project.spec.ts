import { randomUUID } from 'node:crypto'
import { rmSync } from 'node:fs'
import { loadSettings } from '../../src/config/index.js'
import { type DataFolder } from '../../src/launcher/data-folder/data-folder.js'
import { prepareFirstProject } from '../../src/launcher/first-project.js'
import { ProjectDirectory, type ProjectKeys } from '../../src/projects/index.js'
import { createDatabase, makeFolder, type TestDatabase } from '../support/servers.js'

describe('The project to begin with', () => {
  let database: TestDatabase
  let folder: DataFolder
  let projects: ProjectDirectory
  let said: string[]

  beforeEach(async () => {
    database = await createDatabase()
    folder = makeFolder()
    projects = new ProjectDirectory(database.url)
    said = []
  })
  afterEach(async () => {
    await projects.close()
    rmSync(folder.path, { recursive: true })
    await database.drop()
  })

  /** One more start; resolves to the keys that it shows. */
  const start = (env: NodeJS.ProcessEnv = {}): Promise<ProjectKeys | undefined> =>
    prepareFirstProject({
      settings: loadSettings(env),
      folder,
      ownerUrl: database.url,
      say: (line) => said.push(line),
    })
  const names = async () => (await projects.list()).map(({ name }) => name)

  it('is the same with every start, and so are its keys', async () => {
    const first = await start()
    expect(first?.appToken).toMatch(/^rollcall_/)
    expect(await start()).toEqual(first)
    expect(await projects.list()).toEqual([
      { id: expect.any(String) as string, name: 'Demo project', appIds: [first?.appId] },
    ])
    expect(said).toEqual([])
  })

  it('shows its keys once in production', async () => {
    const production = { NODE_ENV: 'production' }
    expect(await start(production)).toBeDefined()
    expect(said).toEqual([])
    expect(await start(production)).toBeUndefined()
    expect(said).toEqual([`The keys of the demo project are in ${folder.file('demo-project.json')}.`])
  })

  it('shows its keys once where the PostgreSQL is a given one, and is not made beside another', async () => {
    const given = { DATABASE_URL: database.url }
    expect(await start(given)).toBeDefined()
    expect(await start(given)).toBeUndefined()
    expect(await names()).toEqual(['Demo project'])
  })

  it('is one, also when several machines start for the first time at once', async () => {
    const given = { DATABASE_URL: database.url }
    const shown = await Promise.all(Array.from({ length: 8 }, () => start(given)))
    expect(shown.filter((keys) => keys !== undefined)).toHaveLength(1)
    expect(await names()).toEqual(['Demo project'])
  })

  it('is left to the owner by a login that owns nothing, and it is said where one was wanted', async () => {
    const service = Object.assign(new URL(database.url), { username: 'test_service', password: 'test' }).href
    const startWith = (env: NodeJS.ProcessEnv) =>
      prepareFirstProject({
        settings: loadSettings({ ...env, DATABASE_URL: service }),
        folder,
        ownerUrl: service,
        say: (line) => said.push(line),
      })
    expect(await startWith({})).toBeUndefined()
    expect(said).toEqual([])
    await startWith({ BOOTSTRAP_APP_ID: randomUUID(), BOOTSTRAP_APP_TOKEN: randomUUID() })
    expect(said).toEqual([
      expect.stringMatching(/^The login of DATABASE_URL may make no projects: .*OWNER_DATABASE_URL/),
    ])
    expect(await names()).toEqual([])
  })

  it('has the keys of the settings where these are set, and does not show them', async () => {
    const keys = { BOOTSTRAP_APP_ID: randomUUID(), BOOTSTRAP_APP_TOKEN: randomUUID() }
    expect(await start(keys)).toBeUndefined()
    expect(await start(keys)).toBeUndefined()
    expect(await projects.list()).toEqual([
      { id: expect.any(String) as string, name: 'Bootstrap project', appIds: [keys.BOOTSTRAP_APP_ID] },
    ])
  })

  it.each([
    ['kept in the data folder', {}],
    ['set', { BOOTSTRAP_APP_ID: 'till-of-berlin', BOOTSTRAP_APP_TOKEN: randomUUID() }],
  ])('stays shut when its key was revoked, and says how to make another: %s', async (_, env) => {
    await start(env)
    const [project] = await projects.list()
    const [appId = ''] = project?.appIds ?? []
    await projects.revokeKey(appId)
    expect(await start(env)).toBeUndefined()
    expect(said).toEqual([expect.stringMatching(new RegExp(`^The key ${appId} .*was revoked.*project list`))])
    expect(await names()).toHaveLength(1)
  })
})
