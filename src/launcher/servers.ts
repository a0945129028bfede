import { connectionsOf, type Settings } from '../config/index.js'
import { type DataFolder } from './data-folder/data-folder.js'
import { EmbeddedPostgres } from './postgres/embedded-postgres.js'
import { EmbeddedRedis } from './redis/embedded-redis.js'
import { type EmbeddedServer } from './embedded-server.js'
import { findRedis } from './redis/find-redis.js'
import { Guard } from './guard.js'
import { type StopList } from './stop-list.js'

export interface ServerOptions {
  readonly settings: Settings
  readonly folder: DataFolder
  readonly stopList: StopList
  readonly signal: AbortSignal
  readonly say: (line: string) => void
}

/** The PostgreSQL to use, as the owner of its tables: the given one, else our own, which is brought up. */
export async function providePostgres(options: ServerOptions): Promise<string> {
  const { settings, folder, say } = options
  const given = settings.ownerDatabaseUrl ?? settings.databaseUrl
  if (given !== undefined) return given
  return bringUp(new EmbeddedPostgres({ folder, say, connections: connectionsOf(settings) }), options)
}

/** The Redis to use: the given one, else one of this machine, else none, and a line that says so. */
export async function provideRedis(options: ServerOptions): Promise<string | undefined> {
  const { settings, folder, signal, say } = options
  if (settings.redisUrl !== undefined) return settings.redisUrl
  if (settings.role !== 'all') {
    // The API and the workers are started apart: a Redis that only one of them knows rings for nobody.
    say(withoutRedis('REDIS_URL is not set'))
    return undefined
  }
  try {
    const binary = await findRedis({ env: process.env, say, signal })
    return await bringUp(new EmbeddedRedis({ binary, folder, say }), options)
  } catch (error) {
    signal.throwIfAborted()
    say(withoutRedis((error as Error).message))
    return undefined
  }
}

/** From the first moment on there is something to stop; once it is up it is also looked after. */
async function bringUp(server: EmbeddedServer, { stopList, signal, say }: ServerOptions): Promise<string> {
  stopList.add(() => server.stop())
  await server.start(signal)
  const guard = new Guard(server, say)
  stopList.add(() => guard.dismiss())
  return server.url
}

function withoutRedis(why: string): string {
  return `Running without Redis: ${why}. Rollcall does its whole job without it; PostgreSQL wakes the workers.`
}
