import { type CallHandler, type ExecutionContext, Injectable, type NestInterceptor } from '@nestjs/common'
import { Reflector } from '@nestjs/core'
import { DECORATORS } from '@nestjs/swagger'
import { type Request } from 'express'
import { type Observable } from 'rxjs'
import { RequestError } from '../kernel/index.js'

/**
 * Answers 406 when `Accept` excludes what the route produces: what its `@ApiProduces` documents, otherwise JSON.
 * An interceptor, because those run after all guards: whoever is not admitted learns nothing else.
 */
@Injectable()
export class AcceptInterceptor implements NestInterceptor {
  constructor(private readonly reflector: Reflector) {}

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const request = context.switchToHttp().getRequest<Request>()
    const produced = this.producedBy(context)
    if (!accepts(request, produced)) {
      throw new RequestError(
        406,
        'not_acceptable',
        'Not acceptable',
        `This endpoint produces ${produced.join(' or ')}, which the Accept header excludes.`,
      )
    }
    return next.handle()
  }

  private producedBy(context: ExecutionContext): string[] {
    const targets = [context.getHandler(), context.getClass()]
    return (
      this.reflector.getAllAndOverride<string[] | undefined>(DECORATORS.API_PRODUCES, targets) ?? [
        'application/json',
      ]
    )
  }
}

/** A blank header says nothing; some clients name the charset, and all that is sent is UTF-8. */
function accepts(request: Request, produced: string[]): boolean {
  if (!request.headers.accept?.trim()) return true
  return request.accepts(produced.flatMap((type) => [type, `${type};charset=utf-8`])) !== false
}
