import { Logger } from '@nestjs/common'
import { RateLimiterMemory, RateLimiterRedis, RateLimiterRes } from 'rate-limiter-flexible'
import { withTimeout } from '../kernel/index.js'
import { type ImpatientRedis } from '../queue/index.js'

/** Redis answers in well under a millisecond; after this many it counts as away. */
const ANSWER_TIMEOUT_MS = 500

/** Milliseconds for which Redis is left alone after it failed; then one call tries it again. */
const PAUSE_MS = 1_000

/** How many calls a window has seen, this one included. */
export interface Count {
  readonly calls: number
  /** Milliseconds until the window ends and counting begins anew. */
  readonly endsInMs: number
}

/**
 * Counts calls in windows that begin with a key's first call: in Redis, together with all other processes, or in
 * memory while Redis is away, slow or not there. No call fails, and at most one a second waits, because of Redis.
 */
export class SharedCounter {
  private readonly logger = new Logger('RateLimits')
  private readonly memory: RateLimiterMemory
  private readonly shared?: RateLimiterRedis
  private away = false
  private pausedUntil = 0

  constructor(
    private readonly name: string,
    limit: number,
    windowSeconds: number,
    redis?: ImpatientRedis,
  ) {
    const options = { keyPrefix: `rollcall:${name}`, points: limit, duration: windowSeconds }
    this.memory = new RateLimiterMemory(options)
    if (redis) this.shared = new RateLimiterRedis({ ...options, storeClient: redis })
  }

  async count(key: string): Promise<Count> {
    return (await this.countTogether(key)) ?? countIn(this.memory, key)
  }

  private async countTogether(key: string): Promise<Count | undefined> {
    if (this.shared === undefined || performance.now() < this.pausedUntil) return undefined
    // Of all calls after the pause only this one tries: a Redis that hangs holds up no other.
    if (this.away) this.pause()
    try {
      const count = await withTimeout(countIn(this.shared, key), ANSWER_TIMEOUT_MS)
      await this.remember(key, count)
      this.isBack()
      return count
    } catch (error) {
      this.isAway(error)
      return undefined
    }
  }

  /** Should Redis go away, this process goes on from here: an outage gives nobody a new allowance. */
  private async remember(key: string, { calls, endsInMs }: Count): Promise<void> {
    if (endsInMs > 0) await this.memory.set(key, calls, endsInMs / 1000)
  }

  private isAway(error: unknown): void {
    this.pause()
    if (this.away) return
    this.away = true
    this.logger.warn(`Redis is away; each process counts ${this.name} by itself meanwhile: ${String(error)}`)
  }

  private isBack(): void {
    if (!this.away) return
    this.away = false
    this.pausedUntil = 0
    this.logger.log(`Redis is back; ${this.name} are counted together again.`)
  }

  private pause(): void {
    this.pausedUntil = performance.now() + PAUSE_MS
  }
}

/** The library rejects with the same result when the limit is exceeded, and with an error when it could not count. */
async function countIn(limiter: RateLimiterMemory | RateLimiterRedis, key: string): Promise<Count> {
  const result = await limiter.consume(key).catch((thrown: unknown) => {
    if (thrown instanceof RateLimiterRes) return thrown
    throw thrown
  })
  return { calls: result.consumedPoints, endsInMs: result.msBeforeNext }
}
