import { applyDecorators, HttpCode, UseInterceptors } from '@nestjs/common'
import { ApiAcceptedResponse } from '@nestjs/swagger'
import { AsyncActionIdDto } from '../../async-actions/index.js'
import { ApiErrors, ApiIdempotencyKey, REPLAY_HEADERS, UploadGate } from '../../http/index.js'
import { RateLimited } from '../../rate-limits/index.js'

/**
 * What every route that takes many customers at once is: accepted with 202, let in by the gate of uploads, counted as
 * bulk, and repeatable under a key. In one place, so that none of them lacks any of it.
 */
export const AcceptsMany = (accepted: string): MethodDecorator =>
  applyDecorators(
    HttpCode(202),
    UseInterceptors(UploadGate),
    RateLimited('bulk'),
    ApiAcceptedResponse({ type: AsyncActionIdDto, description: accepted, headers: REPLAY_HEADERS }),
    ApiIdempotencyKey(),
    ApiErrors(400, 401, 403, 408, 409, 413, 415, 422, 429),
  )
