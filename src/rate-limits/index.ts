export { RATE_LIMIT_HEADERS } from './rate-limit.js'
export { RateLimited } from './rate-limited.decorator.js'
export { RateLimits } from './rate-limits.js'
export { RateLimitsModule } from './rate-limits.module.js'
