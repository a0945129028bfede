import { randomBytes } from 'node:crypto'
import { Client } from 'pg'
import { tryLogin } from '../../src/launcher/postgres/try-login.js'
import { createDatabase, type TestDatabase } from '../support/servers.js'

describe('A given login of the API and the workers', () => {
  let database: TestDatabase
  let owner: Client
  const login = `login_${randomBytes(6).toString('hex')}`

  beforeAll(async () => {
    database = await createDatabase()
    owner = new Client({ connectionString: database.url })
    await owner.connect()
    await owner.query(`CREATE ROLE ${login} LOGIN PASSWORD 'right'`)
  })
  afterAll(async () => {
    await owner.query(`DROP ROLE ${login}`)
    await owner.end()
    await database.drop()
  })

  const urlOf = (password: string): string =>
    Object.assign(new URL(database.url), { username: login, password }).href

  it('is told what it lacks, with the statement that gives it', async () => {
    await expect(tryLogin(urlOf('right'))).rejects.toThrow(
      'The login of DATABASE_URL lacks rights: permission denied for table lanes\n' +
        `As an administrator of PostgreSQL run: GRANT rollcall_service TO "${login}";`,
    )
  })

  it('serves once it was given that', async () => {
    await owner.query(`GRANT rollcall_service TO "${login}"`)
    await expect(tryLogin(urlOf('right'))).resolves.toBeUndefined()
    await expect(tryLogin(database.url)).resolves.toBeUndefined()
  })

  it('is refused with a wrong password, by the name of the setting', async () => {
    await expect(tryLogin(urlOf('wrong'))).rejects.toThrow(
      `The database cannot be used: password authentication failed for user "${login}"\nIf DATABASE_URL is set, check`,
    )
  })
})
