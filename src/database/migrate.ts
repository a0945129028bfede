import { createDataSource } from './data-source.js'

/** Any constant of our own: two starts that migrate at once take turns. */
const MIGRATION_LOCK = 7_655_001

/** Brings the schema of a database up to date. Safe to run at any time, from any number of processes. */
export async function migrate(databaseUrl: string): Promise<void> {
  const session = { lock_timeout: '0', statement_timeout: '0' }
  const dataSource = createDataSource(databaseUrl, {
    poolSize: 2,
    name: 'rollcall migrate',
    session,
    answerTimeoutMs: 0,
  })
  await dataSource.initialize()
  try {
    const lock = dataSource.createQueryRunner()
    await lock.query('SELECT pg_advisory_lock($1)', [MIGRATION_LOCK])
    await dataSource.runMigrations({ transaction: 'each' })
    await lock.query('SELECT pg_advisory_unlock($1)', [MIGRATION_LOCK])
    await lock.release()
  } finally {
    await dataSource.destroy()
  }
}
