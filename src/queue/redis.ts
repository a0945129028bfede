import { Logger } from '@nestjs/common'
import { type Queue } from 'bull'
import { Redis } from 'ioredis'

const logger = new Logger('Redis')

/** Connections for Bull that never give up: Redis may come and go. */
export const connectRedis = (redisUrl: string): Redis =>
  new Redis(redisUrl, {
    maxRetriesPerRequest: null,
    enableReadyCheck: false,
    connectTimeout: 3_000,
    retryStrategy: (attempt) => Math.min(attempt * 200, 2_000),
  })

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
