import { SetMetadata } from '@nestjs/common'

/** What is counted together: ordinary calls, or the few that start work in bulk. */
export type Bucket = 'api' | 'bulk'

export const BUCKET_METADATA = 'rollcall:rate-limit-bucket'

/** The route counts in this bucket and in no other. A route without it counts as `api`. */
export const RateLimited = (bucket: Bucket): MethodDecorator & ClassDecorator =>
  SetMetadata(BUCKET_METADATA, bucket)
