import { type Settings } from './settings.js'

/** Connections to PostgreSQL that an API process holds at most. */
export const API_POOL_SIZE = 10

/** Of a worker: a lane writes three chunks at a time and reads a fourth; one renews leases, one looks for work. */
export const workerPoolSize = ({ lanesPerWorker }: Settings): number => 4 * lanesPerWorker + 2

/** What `npm start` needs of a PostgreSQL: its own processes, their notifications, and room for an operator. */
export const connectionsOf = (settings: Settings): number =>
  API_POOL_SIZE + settings.workerCount * (workerPoolSize(settings) + 1) + 20

/**
 * A worker lives long, and its statements see tables that were empty when it started and hold millions later:
 * a cached generic plan took 12–21 s for what a plan made for the occasion takes 0.4 s. Index lookups by key
 * are right at every size, and compiling a plan never pays.
 */
export const WORKER_SESSION = {
  plan_cache_mode: 'force_custom_plan',
  enable_seqscan: 'off',
  enable_hashjoin: 'off',
  enable_mergejoin: 'off',
  jit: 'off',
}
