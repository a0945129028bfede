import { BullModule, getQueueToken } from '@nestjs/bull'
import { type DynamicModule, Global, Module } from '@nestjs/common'
import { type Queue } from 'bull'
import { type Settings } from '../config/index.js'
import { ASYNC_ACTIONS_QUEUE, Doorbell } from './doorbell.js'
import { Notifications } from './notifications.js'
import { closeWithoutWaiting, connectRedis, logAvailability } from './redis.js'

/** Made once by Nest's container: the queue with its listeners, when there is a Redis at all. */
const QUEUE_WITH_LISTENERS = Symbol('queue with listeners')

@Global()
@Module({})
export class QueueModule {
  static with(settings: Settings): DynamicModule {
    return {
      module: QueueModule,
      imports: settings.redisUrl === undefined ? [] : [queueOn(settings.redisUrl)],
      providers: [
        Doorbell,
        ...(settings.role === 'worker' ? [Notifications] : []),
        {
          provide: QUEUE_WITH_LISTENERS,
          inject: [{ token: getQueueToken(ASYNC_ACTIONS_QUEUE), optional: true }],
          useFactory: (queue?: Queue) => {
            if (queue === undefined) return null
            logAvailability(queue)
            closeWithoutWaiting(queue)
            return queue
          },
        },
      ],
      exports: [
        Doorbell,
        ...(settings.role === 'worker' ? [Notifications] : []),
        ...(settings.redisUrl === undefined ? [] : [BullModule]),
      ],
    }
  }
}

/**
 * The braces put all keys of the queue into one slot. A cluster would ask for that; `REDIS_URL` names one server, and
 * there they do no harm.
 *
 * The settings are not measured: a job is a ring and lasts as long as there is work, so a worker has a minute to renew
 * its lock, and a ring that workers died over is given to others ten times. Were it lost, the reconciler would ring.
 */
const queueOn = (redisUrl: string): DynamicModule =>
  BullModule.registerQueue({
    name: ASYNC_ACTIONS_QUEUE,
    prefix: '{bull}',
    createClient: () => connectRedis(redisUrl),
    settings: { lockDuration: 60_000, stalledInterval: 30_000, maxStalledCount: 10 },
  })
