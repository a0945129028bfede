import { type Build } from '../stage/build.js'

/** Replays all events into fresh tables; resolves with what the live ones have that is different. */
export async function findDifferences(build: Build, databaseUrl: string): Promise<string[]> {
  const dataSource = build.createDataSource(databaseUrl, { poolSize: 1, name: 'rollcall faults rebuild' })
  await dataSource.initialize()
  try {
    const events = new build.EventStore()
    events.register(build.CUSTOMER_EVENT_TYPES)
    events.register(build.ASYNC_ACTION_EVENT_TYPES)
    const options = { repair: false, onProgress: () => undefined }
    const rebuilder = new build.Rebuilder(new build.Database(dataSource), events, options)
    const { differences } = await rebuilder.rebuild(
      [build.ASYNC_ACTIONS_PROJECTION, build.CUSTOMERS_PROJECTION],
      build.CUSTOMER_TOTALS,
    )
    return differences.map(({ table, id }) => `${table} differs from its events at ${id}`)
  } finally {
    await dataSource.destroy()
  }
}
