import { type ExecutionContext, Injectable, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common'
import { Reflector } from '@nestjs/core'
import { type Response } from 'express'
import { Settings } from '../config/index.js'
import { impatientRedis, type ImpatientRedis } from '../queue/index.js'
import { RateLimit } from './rate-limit.js'
import { type Bucket, BUCKET_METADATA } from './rate-limited.decorator.js'

/** The limits that the settings ask for; without any nothing is counted, and no connection is made. */
@Injectable()
export class RateLimits implements OnModuleInit, OnModuleDestroy {
  private readonly redis: ImpatientRedis | undefined
  private readonly limits = new Map<Bucket, RateLimit>()

  constructor(
    private readonly reflector: Reflector,
    { rateLimitPerMinute: calls, bulkRateLimitPerHour: bulkCalls, redisUrl }: Settings,
  ) {
    const limited = calls !== undefined || bulkCalls !== undefined
    const redis = limited && redisUrl !== undefined ? impatientRedis(redisUrl) : undefined
    this.redis = redis
    if (calls !== undefined) {
      this.limits.set('api', new RateLimit({ type: 'api_calls', calls, window: 'minute' }, redis))
    }
    if (bulkCalls !== undefined) {
      this.limits.set(
        'bulk',
        new RateLimit({ type: 'bulk_api_calls', calls: bulkCalls, window: 'hour' }, redis),
      )
    }
  }

  /** Waits for the connection, so that the first calls are counted where all others are. */
  async onModuleInit(): Promise<void> {
    await this.redis?.connect().catch(() => undefined) // It goes on trying; the first call that is counted says so.
  }

  onModuleDestroy(): void {
    this.redis?.disconnect()
  }

  /**
   * Counts a call of a project in the bucket of its route, and names the limit in the answer's headers. Throws a
   * 429 when it is one too many. To be called once it is known who calls, before anything of the body is read.
   */
  async count(projectId: string, context: ExecutionContext): Promise<void> {
    await this.limits.get(this.bucketOf(context))?.count(projectId, (headers) => {
      context.switchToHttp().getResponse<Response>().set(headers)
    })
  }

  private bucketOf(context: ExecutionContext): Bucket {
    const targets = [context.getHandler(), context.getClass()]
    return this.reflector.getAllAndOverride<Bucket | undefined>(BUCKET_METADATA, targets) ?? 'api'
  }
}
