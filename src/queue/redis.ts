import { Logger } from '@nestjs/common'
import { type Queue } from 'bull'
import { Redis, type RedisOptions } from 'ioredis'

const logger = new Logger('Redis')

/** Redis may come and go: connections are made anew for as long as it takes. */
const OPTIONS = {
  enableReadyCheck: false,
  connectTimeout: 3_000,
  retryStrategy: (attempt) => Math.min(attempt * 200, 2_000),
} satisfies RedisOptions

/** Connections for Bull, whose commands wait until Redis is there. */
export const connectRedis = (redisUrl: string): Redis =>
  new Redis(redisUrl, { ...OPTIONS, maxRetriesPerRequest: null })

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

/** Says once that Redis went away and once that it is back, instead of at every attempt. */
export function logAvailability(queue: Queue): void {
  let available = true
  queue.on('error', (error: Error) => {
    if (available) logger.warn(`Redis is away (${error.message}); PostgreSQL rings the doorbell meanwhile.`)
    available = false
  })
  queue.client.on('ready', () => {
    if (!available) logger.log('Redis is back.')
    available = true
  })
}
