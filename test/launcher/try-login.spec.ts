import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { Client } from 'pg'
import { loadSettings } from '../../src/config/index.js'
import { prepareDatabase } from '../../src/launcher/postgres/prepare-database.js'
import { StartError } from '../../src/launcher/start-error.js'
import { createDatabase, type TestDatabase } from '../support/servers.js'

describe('A given login of the API and the workers', () => {
  let database: TestDatabase
  let other: TestDatabase
  let owner: Client
  const logins: string[] = []

  beforeAll(async () => {
    database = await createDatabase()
    other = await createDatabase()
    owner = new Client({ connectionString: database.url })
    await owner.connect()
  })
  afterAll(async () => {
    for (const login of logins) await owner.query(`DROP ROLE ${login}`)
    await owner.end()
    await other.drop()
    await database.drop()
  })

  /** A login of its own; resolves to its name. */
  async function login(attributes = ''): Promise<string> {
    const name = `login_${randomBytes(6).toString('hex')}`
    await owner.query(`CREATE ROLE ${name} LOGIN PASSWORD 'right' ${attributes}`)
    logins.push(name)
    return name
  }
  const urlOf = (username: string, password = 'right', url = database.url): string =>
    Object.assign(new URL(url), { username, password }).href
  const prepared = (DATABASE_URL: string): Promise<string> =>
    prepareDatabase(loadSettings({ DATABASE_URL, OWNER_DATABASE_URL: database.url }), database.url)
  async function refusal(databaseUrl: string): Promise<string> {
    const error: unknown = await prepared(databaseUrl).catch((cause: unknown) => cause)
    expect(error).toBeInstanceOf(StartError)
    return (error as StartError).message
  }

  it('serves when it has the role, and when it is the owner', async () => {
    const url = urlOf(await login('IN ROLE rollcall_service'))
    expect(await prepared(url)).toBe(url)
    expect(await prepared(database.url)).toBe(database.url)
  })

  it('is told the role that it lacks, with the statement that gives it', async () => {
    const name = await login()
    expect(await refusal(urlOf(name))).toBe(
      'The login of DATABASE_URL lacks rights: permission denied for table lanes\n' +
        `As an administrator of PostgreSQL run: GRANT rollcall_service TO "${name}";`,
    )
    await owner.query(`GRANT rollcall_service TO "${name}"`)
    expect(await prepared(urlOf(name))).toBe(urlOf(name))
  })

  it('is told that it may not serve a single project', async () => {
    const name = await login()
    await owner.query(`GRANT SELECT ON lanes, api_keys, projects, installation TO ${name}`)
    expect(await refusal(urlOf(name))).toMatch(
      /^The login of DATABASE_URL lacks rights: permission denied to set role "rollcall_project"\nAs an admin.* GRANT/,
    )
    await owner.query(`DROP OWNED BY ${name}`)
  })

  it('serves no database that is closed to all but others, as operations.md closes one', async () => {
    const [ours, theirs] = [await login('IN ROLE rollcall_service'), await login('IN ROLE rollcall_service')]
    const name = new URL(other.url).pathname.slice(1)
    await owner.query(`REVOKE CONNECT ON DATABASE ${name} FROM PUBLIC`)
    await owner.query(`GRANT CONNECT ON DATABASE ${name} TO ${ours}`)
    const openedBy = (username: string) => {
      const url = urlOf(username, 'right', other.url)
      return prepareDatabase(loadSettings({ DATABASE_URL: url, OWNER_DATABASE_URL: other.url }), other.url)
    }
    expect(await openedBy(ours)).toMatch(ours)
    await expect(openedBy(theirs)).rejects.toThrow(
      `permission denied for database "${name}"\nIts owner or an administrator lets a login in`,
    )
    await owner.query(`REVOKE CONNECT ON DATABASE ${name} FROM ${ours}`)
  })

  it('is not told of a role that it has', async () => {
    expect(await refusal(urlOf(await login('NOINHERIT IN ROLE rollcall_service')))).toMatch(
      /permission denied for table lanes\nIt is a member of rollcall_service and does not inherit/,
    )
  })

  it.each([
    ['a wrong password', () => urlOf(logins[0] ?? '', 'wrong'), 'password authentication failed'],
    ['nobody there', () => 'postgres://u:p@127.0.0.1:1/rollcall', 'connect ECONNREFUSED'],
    ['a URL that cannot be read', () => 'postgres://u:a#b@127.0.0.1/rollcall', 'Invalid URL'],
    ['a certificate that is not there', () => `${database.url}?sslrootcert=/nope`, 'ENOENT'],
  ])('is refused by the name of the setting, and without its password: %s', async (_, url, why) => {
    const message = await refusal(url())
    expect(message).toMatch(`The database cannot be used: ${why}`)
    expect(message).toMatch('\nCheck that DATABASE_URL is right')
    expect(message).not.toMatch(/a#b|wrong/)
  })

  it.each([
    ['migrated', () => other.url],
    ['not migrated', () => Object.assign(new URL(database.url), { pathname: '/postgres' }).href],
  ])('is refused when it leads to another database, %s', async (_, url) => {
    expect(await refusal(url())).toBe(
      'DATABASE_URL names another database than OWNER_DATABASE_URL: it must be the same, with another login.',
    )
  })

  it('is not waited for beyond a limit when the other end says nothing', async () => {
    const sockets: Socket[] = []
    const silent = createServer((socket) => sockets.push(socket)).listen(0, '127.0.0.1')
    await once(silent, 'listening')
    const { port } = silent.address() as AddressInfo
    expect(await refusal(`postgres://u:p@127.0.0.1:${port}/rollcall`)).toMatch('timeout')
    for (const socket of sockets) socket.destroy()
    silent.close()
  })
})
