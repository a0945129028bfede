import { randomUUID } from 'node:crypto'
import { Pool } from 'pg'
import { createDataSource, Database, type Row, type Session } from '../../src/database/index.js'
import { deferred } from './deferred.factory.js'
import { createDatabase } from './servers.js'

/** What a component test needs of PostgreSQL: a database of its own, and ways to look behind the scenes. */
export interface TestStore {
  readonly url: string
  readonly database: Database
  /** A project to own things. */
  newProject(): Promise<string>
  /** One statement, as the owner of the database. */
  query<R extends Row>(sql: string, parameters?: readonly unknown[]): Promise<R[]>
  /** A transaction that stays open until the test ends it. */
  begin(projectId: string): Promise<OpenTransaction>
  /** Forgets everything, projects and the append-only log included. */
  clear(): Promise<void>
  close(): Promise<void>
}

/** A transaction in the hands of a test. */
export interface OpenTransaction {
  readonly session: Session
  commit(): Promise<void>
  rollBack(): Promise<void>
}

class RolledBack extends Error {}

export async function openStore(poolSize = 20, session: Record<string, string> = {}): Promise<TestStore> {
  const testDatabase = await createDatabase()
  const { url } = testDatabase
  const dataSource = await createDataSource(url, { poolSize, name: 'rollcall test', session }).initialize()
  const database = new Database(dataSource)
  const admin = new Pool({ connectionString: url, max: 3 })
  // The pool counts as ended before its connections are; the database is dropped meanwhile, and PostgreSQL says so.
  admin.on('error', () => undefined)
  const query = async <R extends Row>(sql: string, parameters: readonly unknown[] = []): Promise<R[]> =>
    (await admin.query<R>(sql, [...parameters])).rows
  return {
    url,
    database,
    query,
    newProject: async () => {
      const id = randomUUID()
      await query('INSERT INTO projects (id, name) VALUES ($1, $2)', [id, 'test'])
      return id
    },
    clear: async () => {
      const tables = await query<{ name: string }>(
        `SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public' AND tablename NOT IN ('migrations', 'installation')`,
      )
      const names = tables.map(({ name }) => name).join(', ')
      await query(
        `BEGIN; SET LOCAL session_replication_role = replica; TRUNCATE ${names} RESTART IDENTITY; COMMIT`,
      )
    },
    begin: (projectId) => openTransaction(database, projectId),
    close: async () => {
      await admin.end()
      await dataSource.destroy()
      await testDatabase.drop()
    },
  }
}

async function openTransaction(database: Database, projectId: string): Promise<OpenTransaction> {
  const opened = deferred<Session>()
  const end = deferred()
  const ended = database.inProject(projectId, (session) => {
    opened.resolve(session)
    return end.promise
  })
  ended.catch(opened.reject)
  const session = await opened.promise
  return {
    session,
    commit: async () => {
      end.resolve(undefined)
      await ended
    },
    rollBack: async () => {
      end.reject(new RolledBack())
      await ended.catch((error: unknown) => {
        if (!(error instanceof RolledBack)) throw error
      })
    },
  }
}
