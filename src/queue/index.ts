export { ASYNC_ACTIONS_QUEUE, type AsyncActionJob, Doorbell } from './doorbell.js'
export { Notifications } from './notifications.js'
export { QueueModule } from './queue.module.js'
export { impatientRedis, type ImpatientRedis } from './redis.js'
