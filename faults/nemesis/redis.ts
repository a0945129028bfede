import { Redis } from 'ioredis'
import { type Actor } from '../stage/stage.js'
import { duration, type Fault, type Scene } from './fault.js'

/** From when Redis takes connections again. */
const BACK = 5_000

const anyone = ({ stage, random }: Scene): Actor => random.pick(stage.actors)

/** Everything that can happen to Redis and on the way to it. */
export const REDIS_FAULTS: readonly Fault[] = [
  {
    name: 'Redis flushed',
    inflict: async (scene) => {
      for (let time = 0; time < 5; time++) {
        await asking(scene, (redis) => redis.flushall())
        await scene.hold(scene.random.between(10, 300))
      }
    },
  },
  {
    name: 'Redis killed, back empty',
    recoversWithin: BACK,
    inflict: async (scene) => {
      const { redis } = scene.stage.servers
      if (redis.pid !== undefined) process.kill(redis.pid, 'SIGKILL')
      await scene.hold(duration(scene))
      await redis.start()
    },
  },
  {
    name: 'Redis stopped, back empty',
    recoversWithin: BACK,
    inflict: async (scene) => {
      const { redis } = scene.stage.servers
      await redis.stop()
      await scene.hold(duration(scene))
      await redis.start()
    },
  },
  {
    name: 'Redis full',
    inflict: async (scene) => {
      await asking(scene, (redis) => redis.config('SET', 'maxmemory', '1mb'))
      await scene.hold(duration(scene))
      await asking(scene, (redis) => redis.config('SET', 'maxmemory', '0'))
    },
  },
  {
    name: 'Redis evicts',
    inflict: async (scene) => {
      await asking(scene, (redis) => redis.config('SET', 'maxmemory-policy', 'allkeys-random'))
      await asking(scene, (redis) => redis.config('SET', 'maxmemory', '1mb'))
      await scene.hold(duration(scene))
      await asking(scene, (redis) => redis.config('SET', 'maxmemory', '0'))
      await asking(scene, (redis) => redis.config('SET', 'maxmemory-policy', 'noeviction'))
    },
  },
  {
    name: 'connections to Redis cut',
    inflict: (scene) => {
      anyone(scene).redis.cut()
      return Promise.resolve()
    },
  },
  {
    name: 'Redis slow',
    inflict: async (scene) => {
      const { redis } = anyone(scene)
      redis.slow(scene.random.between(50, 300))
      await scene.hold(duration(scene))
      redis.heal()
    },
  },
  {
    name: 'connections to Redis half-open',
    inflict: async (scene) => {
      const { redis } = anyone(scene)
      redis.freeze()
      await scene.hold(duration(scene))
      redis.cut()
      redis.heal()
    },
  },
]

/** Does nothing when Redis is away: another fault has it. */
async function asking({ stage }: Scene, order: (redis: Redis) => Promise<unknown>): Promise<void> {
  const redis = new Redis(stage.servers.redis.url, { lazyConnect: true, retryStrategy: () => null })
  redis.on('error', () => undefined)
  try {
    await redis.connect()
    await order(redis)
  } catch {
    // Another fault has it just now.
  } finally {
    redis.disconnect()
  }
}
