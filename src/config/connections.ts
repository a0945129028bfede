import { type Settings } from './settings.js'

/**
 * Connections to PostgreSQL that an API process holds at most. Not measured: each request takes one for the few
 * milliseconds of its transaction, and those beyond wait their turn, so that a burst cannot starve the workers.
 */
export const API_POOL_SIZE = 10

/**
 * Chunks of an action that are written at a time. Three keep two cores busy: before statements travelled together, and
 * by an earlier yardstick, the ratio to hand-written SQL was 0.32 with two and 0.37 with three. With four, six and
 * eight it was no better, then and since.
 */
export const CHUNKS_IN_FLIGHT = 3

/** Of a worker's pool: each lane writes chunks and reads one ahead; one renews leases, one looks for work, or tidies up. */
export const workerPoolSize = ({ lanesPerWorker }: Settings): number =>
  (CHUNKS_IN_FLIGHT + 1) * lanesPerWorker + 2

/** All that a worker holds at most: its pool, and one that listens for notifications. */
export const workerConnections = (settings: Settings): number => workerPoolSize(settings) + 1

/** What `npm start` needs of a PostgreSQL: its own processes, and room for migrations and an operator. */
export const connectionsOf = (settings: Settings): number =>
  API_POOL_SIZE + settings.workerCount * workerConnections(settings) + 20

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
