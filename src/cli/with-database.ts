import { createDataSource, Database } from '../database/index.js'
import { onDatabase } from './on-database.js'

/** Works on a database, and lets go of it. */
export function withDatabase<T>(
  databaseUrl: string,
  command: string,
  work: (database: Database) => Promise<T>,
): Promise<T> {
  return onDatabase(async () => {
    const dataSource = createDataSource(databaseUrl, { poolSize: 1, name: `rollcall ${command}` })
    await dataSource.initialize()
    try {
      return await work(new Database(dataSource))
    } finally {
      await dataSource.destroy()
    }
  })
}
