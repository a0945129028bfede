import { findOnPath, type RedisBinary, runs, type Search } from './redis-binary.js'
import { fetchRedisPackage } from './redis-package.js'

const COMMANDS = ['valkey-server', 'redis-server']

/** Finds a server on PATH, else the one of the Linux distribution; throws, saying why, when there is neither. */
export async function findRedis(search: Search): Promise<RedisBinary> {
  for (const name of COMMANDS) {
    const command = findOnPath(name, search.env.PATH)
    if (command !== undefined && (await runs({ command }))) return { command }
  }
  return fetchRedisPackage(search)
}
