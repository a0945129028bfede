import { Logger, type OnApplicationShutdown } from '@nestjs/common'
import { type Queue } from 'bull'
import { Redis, type RedisOptions } from 'ioredis'
import { withTimeout } from '../kernel/index.js'

const logger = new Logger('Redis')

/**
 * Redis may come and go: connections are made anew for as long as it takes. One that hangs must not be told who we are
 * before it counts as connected, or connecting to it would never end.
 */
const OPTIONS = {
  enableReadyCheck: false,
  disableClientInfo: true,
  connectTimeout: 3_000,
  retryStrategy: (attempt) => Math.min(attempt * 200, 2_000),
} satisfies RedisOptions

/**
 * While it closes, Bull connects anew the connection on which it waits for jobs, and hears of a failure only when all
 * jobs are done. By then Node has ended the process, for a rejection that nobody listened to. Whoever needs Redis hears
 * of it by the events of the connection.
 */
class ConnectionOfBull extends Redis {
  override connect(...callback: Parameters<Redis['connect']>): Promise<void> {
    return super.connect(...callback).catch(() => undefined)
  }
}

/** Connections for Bull, whose commands wait until Redis is there. */
export const connectRedis = (redisUrl: string): Redis =>
  new ConnectionOfBull(redisUrl, { ...OPTIONS, maxRetriesPerRequest: null })

export type ImpatientRedis = Redis

/**
 * A connection for callers that can do without Redis: a command fails at once while it is away, and is not sent a
 * second time. How long to wait for an answer is up to the caller. To be opened by `connect()`.
 */
export function impatientRedis(redisUrl: string): ImpatientRedis {
  const redis = new Redis(redisUrl, {
    ...OPTIONS,
    lazyConnect: true,
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    // A connection whose other end hangs is given up, and what was sent on it forgotten.
    socketTimeout: 2_000,
  })
  // Each caller learns of it by its command; without a listener ioredis writes every attempt to the console.
  redis.on('error', (error: Error) => {
    logger.debug(error.message)
  })
  return redis
}

/** Closing takes 500 ms where Redis is well. */
const LONGEST_CLOSE_MS = 1_000

/**
 * Closes a queue when the process ends. The work of its jobs is over by then, because the runner has stopped; to note
 * that takes Redis, for which nobody waits here, dead or hanging. A job that is not noted rings once more, which does no
 * harm.
 */
export function closeWithoutWaiting(queue: Queue & Partial<OnApplicationShutdown>): void {
  queue.onApplicationShutdown = () => withTimeout(queue.close(true), LONGEST_CLOSE_MS).catch(() => undefined)
}

/** Says once that Redis went away and once that it is back, instead of at every attempt; what else fails, each time. */
export function logAvailability(queue: Queue & { readonly closing?: Promise<void> }): void {
  let available = true
  queue.client.on('close', () => {
    if (available && queue.closing === undefined)
      logger.warn('Redis is away; PostgreSQL rings the doorbell meanwhile.')
    available = false
  })
  queue.client.on('ready', () => {
    if (!available) logger.log('Redis is back.')
    available = true
  })
  queue.on('error', (error: Error) => {
    if (available && !('syscall' in error))
      logger.warn(`Redis refused what the queue asked: ${error.message}`)
  })
}
