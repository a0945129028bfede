import { tooManyRequests } from '../kernel/index.js'
import { type ImpatientRedis } from '../queue/index.js'
import { type Count, SharedCounter } from './shared-counter.js'

/** All headers that tell of a limit. */
export const RATE_LIMIT_HEADERS = [
  'X-Rate-Limit-Limit',
  'X-Rate-Limit-Remaining',
  'X-Rate-Limit-Retry',
  'X-Rate-Limit-Type',
] as const

export type RateLimitHeaders = Readonly<Record<(typeof RATE_LIMIT_HEADERS)[number], string>>

export interface RateLimitOptions {
  /** Name of the limit on the wire. */
  readonly type: 'api_calls' | 'bulk_api_calls'
  /** Calls that a project may make in a window. */
  readonly calls: number
  readonly window: 'minute' | 'hour'
}

const SECONDS = { minute: 60, hour: 3_600 } as const

/** How many calls of a kind a project may make in a window of time. */
export class RateLimit {
  private readonly counter: SharedCounter

  constructor(
    private readonly options: RateLimitOptions,
    redis?: ImpatientRedis,
  ) {
    this.counter = new SharedCounter(options.type, options.calls, SECONDS[options.window], redis)
  }

  /** Counts a call. `tell` gets the headers of its answer, also when the call is one too many and this throws a 429. */
  async count(projectId: string, tell: (headers: RateLimitHeaders) => void): Promise<void> {
    const count = await this.counter.count(projectId)
    tell(this.headersOf(count))
    const { calls, window } = this.options
    if (count.calls <= calls) return
    const seconds = Math.max(Math.ceil(count.endsInMs / 1000), 1)
    throw tooManyRequests(
      `The project may make ${calls} such calls per ${window}; the next is possible in ${seconds} s.`,
      seconds,
    )
  }

  private headersOf({ calls, endsInMs }: Count): RateLimitHeaders {
    const remaining = Math.max(this.options.calls - calls, 0)
    const now = Date.now()
    return {
      'X-Rate-Limit-Limit': String(this.options.calls),
      'X-Rate-Limit-Remaining': String(remaining),
      'X-Rate-Limit-Retry': String(
        remaining > 0 ? Math.floor(now / 1000) : Math.ceil((now + endsInMs) / 1000),
      ),
      'X-Rate-Limit-Type': this.options.type,
    }
  }
}
