import { BullModule, getQueueToken } from '@nestjs/bull'
import { type DynamicModule, Global, Module } from '@nestjs/common'
import { type Queue } from 'bull'
import { type Settings } from '../config/index.js'
import { ASYNC_ACTIONS_QUEUE, Doorbell } from './doorbell.js'
import { Notifications } from './notifications.js'
import { connectRedis, logAvailability } from './redis.js'

/** Emitted once by Nest's container: the queue with its listeners, when there is a Redis at all. */
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
            if (queue) logAvailability(queue)
            return queue ?? null
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

/** The braces in the prefix keep all keys of the queue in one slot of a Redis Cluster. */
const queueOn = (redisUrl: string): DynamicModule =>
  BullModule.registerQueue({
    name: ASYNC_ACTIONS_QUEUE,
    prefix: '{bull}',
    createClient: () => connectRedis(redisUrl),
    settings: { lockDuration: 60_000, stalledInterval: 30_000, maxStalledCount: 10 },
  })
