import { findAction } from '../../src/async-actions/status/async-action.read-model.js'
import { findErrors } from '../../src/async-actions/report/async-action-report.read-model.js'
import { CUSTOMER_EVENT_TYPES } from '../../src/customers/domain/customer.events.js'
import { totalOf } from '../../src/customers/list/customer-list.read-model.js'
import { findCustomer } from '../../src/customers/show/customer.read-model.js'
import { CustomerRepository } from '../../src/customers/store/customer.repository.js'
import { createDataSource, Database, type Session } from '../../src/database/index.js'
import { type ProjectKeys } from '../../src/projects/index.js'
import { eventStoreOf } from '../support/event.factory.js'
import { Rollcall } from '../support/rollcall.js'

/** What serves all projects, and is not for the eyes of one. */
const MACHINERY = ['access_tokens', 'api_keys', 'audit_log', 'installation', 'migrations', 'projects']

interface Project extends ProjectKeys {
  readonly projectId: string
}

let rollcall: Rollcall
let database: Database
let close: () => Promise<void>
let own: Project
let other: Project
let otherAction: string
let tables: string[]

beforeAll(async () => {
  rollcall = await Rollcall.start()
  own = rollcall.keys
  other = await rollcall.projects.create('other')
  await leaveRowsEverywhere(own)
  otherAction = await leaveRowsEverywhere(other)
  const dataSource = createDataSource(rollcall.database.url, { poolSize: 3, name: 'rollcall test' })
  await dataSource.initialize()
  database = new Database(dataSource)
  close = () => dataSource.destroy()
  const rows = await rollcall.query<{ tablename: string }>(
    `SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> ALL ($1) ORDER BY 1`,
    [MACHINERY],
  )
  tables = rows.map(({ tablename }) => tablename)
}, 60_000)
afterAll(async () => {
  await close()
  await rollcall.stop()
})

/**
 * Customers that stay, are deleted and are erased, an action that is done, the key of a request, and rows that wait,
 * because nobody takes them up while their lane is taken. Resolves to the action that is done.
 */
async function leaveRowsEverywhere(keys: Project): Promise<string> {
  const bulk = (customers: object[], headers: Record<string, string> = {}) =>
    rollcall.call('POST', '/v1/customers/bulk/async', { body: customers, headers, keys })
  const shared = { source_id: 'shared', email: 'shared@example.com' }
  const customers = [shared, { source_id: 'gone' }, { source_id: 'forgotten' }, { source_id: 'x', phone: 7 }]
  const { body } = await bulk(customers, { 'idempotency-key': 'once' })
  const { async_action_id: id } = body as { async_action_id: string }
  expect(await rollcall.finished(id, keys)).toMatchObject({ status: 'DONE' })
  await rollcall.call('DELETE', '/v1/customers/gone', { keys })
  await rollcall.call('POST', '/v1/customers/forgotten/permanent-deletion', { keys })
  await rollcall.query(
    `UPDATE lanes SET owner = 'test', lease_until = now() + interval '1 hour' WHERE project_id = $1`,
    [keys.projectId],
  )
  expect((await bulk([{ source_id: 'waits' }])).status).toBe(202)
  return id
}

const asOwn = <T>(work: (session: Session) => Promise<T>): Promise<T> =>
  database.inProject(own.projectId, work)

/** What a piece of work comes to, of which nothing remains. */
async function rolledBack<T>(work: (session: Session) => Promise<T>): Promise<T> {
  const results: T[] = []
  const undone = new Error('undone')
  const transaction = asOwn(async (session) => {
    results.push(await work(session))
    throw undone
  })
  await expect(transaction).rejects.toBe(undone)
  return results[0] as T
}

/** As the owner of the database sees them. */
const rowsOf = (table: string, projectId: string): Promise<unknown[]> =>
  rollcall.query(`SELECT xmin::text, * FROM ${table} WHERE project_id = $1`, [projectId])

const projectsSeen = async (session: Session, table: string): Promise<unknown[]> =>
  (await session.rows(`SELECT DISTINCT project_id FROM ${table}`)).map((row) => row['project_id'])

describe('The role of a project', () => {
  it('owns nothing, cannot log in, and is above no rule', async () => {
    const [role] = await rollcall.query<Record<string, boolean>>(
      `SELECT rolsuper, rolbypassrls, rolcreaterole, rolcreatedb, rolcanlogin, rolreplication,
         EXISTS (SELECT FROM pg_shdepend WHERE refobjid = pg_roles.oid AND deptype = 'o') AS owns
       FROM pg_roles WHERE rolname = 'rollcall_project'`,
    )
    expect(Object.entries(role ?? {}).filter(([, allowed]) => allowed)).toEqual([])
    expect(Object.keys(role ?? {})).toHaveLength(7)
  })

  it.each(MACHINERY)('has no right to the rows of %s', async (table) => {
    await expect(asOwn((session) => session.rows(`SELECT * FROM ${table}`))).rejects.toThrow(
      `permission denied for table ${table}`,
    )
  })

  it.each([
    ['CREATE TABLE public.mine ()', 'permission denied for schema public'],
    ['ALTER TABLE customers DISABLE ROW LEVEL SECURITY', 'must be owner of table customers'],
    ['DROP POLICY own_project ON customers', 'must be owner of relation customers'],
    [`UPDATE events SET data = '{}'`, 'permission denied for table events'],
    ['DELETE FROM events', 'permission denied for table events'],
    ['TRUNCATE events', 'permission denied for table events'],
    ['UPDATE appends SET keys = NULL', 'permission denied for table appends'],
    ['DELETE FROM appends', 'permission denied for table appends'],
    ['TRUNCATE customers', 'permission denied for table customers'],
  ])('may not %s', async (statement, refusal) => {
    await expect(asOwn((session) => session.execute(statement))).rejects.toThrow(refusal)
  })
})

describe('Of every table of what projects own', () => {
  it('there are rows of both here, so that what follows means something', async () => {
    const empty: string[] = []
    for (const table of tables) {
      for (const { projectId } of [own, other]) {
        if ((await rowsOf(table, projectId)).length === 0) empty.push(table)
      }
    }
    expect(empty).toEqual([])
    expect(tables).toEqual(expect.arrayContaining(['async_action_payloads', 'customers', 'events', 'lanes']))
  })

  it('a project sees its own rows, though the query asks for all', async () => {
    for (const table of tables) {
      const seen = await asOwn((session) => projectsSeen(session, table))
      expect([table, seen]).toEqual([table, [own.projectId]])
    }
  })

  it('a query without a project sees nothing', async () => {
    await database.acrossProjects(async (session) => {
      await session.execute('SET LOCAL ROLE rollcall_project')
      for (const table of tables) expect([table, await projectsSeen(session, table)]).toEqual([table, []])
    })
  })

  it('nothing is written for another project', async () => {
    for (const table of tables) {
      const copied = asOwn(async (session) => {
        const [row] = await session.rows(`SELECT * FROM ${table} LIMIT 1`)
        const columns = Object.keys(row ?? {}).filter((name) => !['project_id', 'position'].includes(name))
        const more = columns.map((name) => `, ${name}`).join('')
        await session.execute(
          `INSERT INTO ${table} (project_id${more}) SELECT $1::uuid${more} FROM ${table} LIMIT 1`,
          [other.projectId],
        )
      })
      await expect(copied).rejects.toThrow(`new row violates row-level security policy for table "${table}"`)
    }
  })
})

describe('A wrong query on behalf of a project does not cross:', () => {
  it.each([
    ['customers', 'UPDATE customers SET version = version + 1'],
    ['customers', 'DELETE FROM customers'],
    ['async_actions', `UPDATE async_actions SET status = 'FAILED'`],
    ['async_action_payloads', 'DELETE FROM async_action_payloads'],
    ['async_action_reports', 'DELETE FROM async_action_reports'],
    ['lanes', 'UPDATE lanes SET fence = fence + 1'],
  ])('of %s, %s touches its own', async (table, statement) => {
    const before = await rowsOf(table, other.projectId)
    const touched = await rolledBack((session) => session.execute(statement))
    expect(touched).toBe((await rowsOf(table, own.projectId)).length)
    expect(await rowsOf(table, other.projectId)).toEqual(before)
  })

  it('a change that names the other finds nothing', async () => {
    const touched = await rolledBack((session) =>
      session.execute('DELETE FROM customers WHERE project_id = $1', [other.projectId]),
    )
    expect(touched).toBe(0)
  })

  it('a row cannot be given to the other', async () => {
    await expect(
      asOwn((session) => session.execute('UPDATE customers SET project_id = $1', [other.projectId])),
    ).rejects.toThrow('new row violates row-level security policy for table "customers"')
  })

  it('a key that the log is searched by finds its own', async () => {
    const found = await rolledBack(async (session) => {
      await session.execute(
        `INSERT INTO appends (project_id, stream_ids, versions, keys) VALUES ($1, '{mine}', '{1}', $2)`,
        [own.projectId, await keysOfOther()],
      )
      return session.rows('SELECT streams_found_by($1) AS stream', [await keysOfOther()])
    })
    expect(found).toEqual([{ stream: 'mine' }])
  })

  it('nothing of the other is erased', async () => {
    const erase = `SELECT erase_events($1, (SELECT min(id) FROM customers), 'CustomerUpserted', NULL, 1, '{}')`
    await expect(asOwn((session) => session.rows(erase, [other.projectId]))).rejects.toThrow(
      'an erasure is of the project of its transaction',
    )
  })
})

const keysOfOther = async (): Promise<number[]> => {
  const [row] = await rollcall.query<{ keys: number[] }>(
    'SELECT keys[1:1] FROM appends WHERE project_id = $1 AND keys[1] <> 0 LIMIT 1',
    [other.projectId],
  )
  return row?.keys ?? []
}

describe("Rollcall's own code, given the id of another project by mistake,", () => {
  it('finds no customer', async () => {
    expect(await asOwn((session) => findCustomer(session, other.projectId, 'shared'))).toBeUndefined()
    expect(await asOwn((session) => findCustomer(session, own.projectId, 'shared'))).toBeDefined()
  })

  it('loads none to change it', async () => {
    const customers = new CustomerRepository(eventStoreOf(CUSTOMER_EVENT_TYPES))
    const load = ({ projectId }: Project) =>
      asOwn((session) => customers.load(session, projectId, ['shared']))
    expect((await load(other)).size).toBe(0)
    expect((await load(own)).size).toBe(1)
  })

  it('counts none', async () => {
    expect(await asOwn((session) => totalOf(session, other.projectId))).toBe(0)
    expect(await asOwn((session) => totalOf(session, own.projectId))).toBe(1)
  })

  it('finds no action and no failed row', async () => {
    expect(await asOwn((session) => findAction(session, other.projectId, otherAction))).toBeUndefined()
    expect(await asOwn((session) => findErrors(session, other.projectId, otherAction))).toEqual([])
    const asOther = database.inProject(other.projectId, (session) =>
      findErrors(session, other.projectId, otherAction),
    )
    expect(await asOther).toHaveLength(1)
  })
})
