import { type Context } from '../context.js'
import { CLIENT_FAULTS } from './clients.js'
import { type Fault } from './fault.js'
import { POSTGRES_FAULTS } from './postgres.js'
import { PROCESS_FAULTS } from './processes.js'
import { REDIS_FAULTS } from './redis.js'

/** Faults of one group may get in each other's way: at the same time there are only some of different ones. */
export const GROUPS: readonly (readonly Fault[])[] = [
  PROCESS_FAULTS,
  POSTGRES_FAULTS,
  REDIS_FAULTS,
  CLIENT_FAULTS,
]

export const FAULTS: readonly Fault[] = GROUPS.flat()

/** What this machine, or this user on it, does not allow. */
export function isPossible(
  { needs }: Fault,
  { servers, hosts }: Pick<Context, 'servers' | 'hosts'>,
): boolean {
  if (needs === 'mounting a disk') return servers.disk !== undefined
  return needs !== 'network namespaces' || hosts
}
