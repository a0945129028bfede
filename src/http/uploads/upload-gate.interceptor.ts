import { type CallHandler, type ExecutionContext, Injectable, type NestInterceptor } from '@nestjs/common'
import { type Request, type Response } from 'express'
import { finalize, type Observable } from 'rxjs'
import { Settings } from '../../config/index.js'
import { RequestError } from '../../kernel/index.js'
import { cutShort, declaredLength } from '../read-body.js'
import { MAX_FORM_BYTES } from '../read-multipart.js'
import { Budget } from './budget.js'

/** How long a request stands in line, in milliseconds; proxies wait for an answer for about twice as long. */
const LONGEST_WAIT_MS = 30_000

/**
 * Bounds the memory of large requests: each waits for room for its body before a byte of it is read, and keeps it until
 * it is answered. An interceptor, because those run after all guards: nobody who is not admitted gets in line.
 */
@Injectable()
export class UploadGate implements NestInterceptor {
  private readonly budget: Budget

  constructor({ uploadMemoryBytes }: Settings) {
    this.budget = new Budget(uploadMemoryBytes)
  }

  async intercept(context: ExecutionContext, next: CallHandler): Promise<Observable<unknown>> {
    const http = context.switchToHttp()
    const request = http.getRequest<Request>()
    const size = declaredLength(request) ?? MAX_FORM_BYTES
    // Nothing to hold, or a length that is refused: neither is worth a wait.
    if (size === 0 || size > MAX_FORM_BYTES) return next.handle()
    const giveBack = await this.waitFor(size, request, http.getResponse<Response>())
    return next.handle().pipe(finalize(giveBack))
  }

  private async waitFor(size: number, request: Request, response: Response): Promise<() => void> {
    const patience = new AbortController()
    const stop = (): void => {
      patience.abort(request.hurry.reason)
    }
    const leave = (): void => {
      patience.abort(cutShort())
    }
    const timer = setTimeout(() => {
      patience.abort(tooMany())
    }, LONGEST_WAIT_MS)
    request.hurry.addEventListener('abort', stop)
    response.once('close', leave)
    try {
      return await this.budget.take(size, patience.signal)
    } finally {
      clearTimeout(timer)
      request.hurry.removeEventListener('abort', stop)
      response.off('close', leave)
    }
  }
}

const tooMany = (): RequestError =>
  new RequestError(
    503,
    'too_many_uploads',
    'Too many uploads',
    `The server is at other large requests: this one had no turn within ${LONGEST_WAIT_MS / 1_000} seconds. Nothing was stored.`,
    { headers: { 'Retry-After': '10' } },
  )
