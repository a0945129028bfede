import { randomBytes, randomUUID } from 'node:crypto'
import { Client } from 'pg'
import { createDataSource, Database, migrate } from '../../src/database/index.js'

/** A user who is nothing special, with an empty database of their own. */
interface Owner {
  readonly name: string
  readonly url: string
}

let admin: Client
const owners: Owner[] = []

beforeAll(async () => {
  admin = new Client({ connectionString: process.env['ROLLCALL_TEST_DATABASE_URL'] ?? '' })
  await admin.connect()
})
afterAll(async () => {
  for (const { name } of owners) {
    await admin.query(`DROP DATABASE ${name} WITH (FORCE)`)
    await admin.query(`DROP ROLE ${name}`)
  }
  await admin.end()
})

async function newOwner(): Promise<Owner> {
  const name = `owner_${randomBytes(6).toString('hex')}`
  await admin.query(`CREATE ROLE ${name} LOGIN PASSWORD 'x'`)
  await admin.query(`CREATE DATABASE ${name} OWNER ${name} TEMPLATE template0`)
  const url = Object.assign(new URL(process.env['ROLLCALL_TEST_DATABASE_URL'] ?? ''), {
    username: name,
    password: 'x',
    pathname: `/${name}`,
  })
  const owner = { name, url: url.href }
  owners.push(owner)
  return owner
}

describe('A database whose owner is no superuser', () => {
  it('is not migrated without the role that keeps projects apart: it is said what to do', async () => {
    const { name, url } = await newOwner()
    await expect(migrate(url)).rejects.toThrow(
      `The role rollcall_project keeps projects apart, and ${name} may neither make nor take it. ` +
        'As an administrator of PostgreSQL run: CREATE ROLE rollcall_project NOLOGIN (unless there is one); ' +
        `GRANT rollcall_project TO ${name};`,
    )
  })

  it('is migrated once that was done, and serves projects', async () => {
    const { name, url } = await newOwner()
    await admin.query(`GRANT rollcall_project TO ${name}`)
    await migrate(url)
    const dataSource = await createDataSource(url, { poolSize: 1, name: 'rollcall test' }).initialize()
    const seen = await new Database(dataSource).inProject(randomUUID(), (session) =>
      session.row('SELECT current_user AS user, count(*)::int AS customers FROM customers'),
    )
    expect(seen).toEqual({ user: 'rollcall_project', customers: 0 })
    await dataSource.destroy()
  })
})
