import { type ExecutionContext, Injectable } from '@nestjs/common'
import { Reflector } from '@nestjs/core'
import { AuthGuard } from '@nestjs/passport'
import { type Request } from 'express'
import { RequestError, unauthorized } from '../kernel/index.js'
import { RateLimits } from '../rate-limits/index.js'
import { type Principal } from './principal.js'
import { PUBLIC_METADATA, type Scope, SCOPES_METADATA } from './scopes.js'

const REALM = 'Bearer realm="rollcall"'

const SEND_CREDENTIALS =
  'Send X-App-Id and X-App-Token, both, or an access token as Authorization: Bearer <access token>.'
const WRONG_KEYS = 'X-App-Id and X-App-Token are not the keys of an application.'
const WRONG_TOKEN = 'The access token is unknown, has ended, or was revoked; get another one.'
const NOT_IN_QUERY = 'Send the access token as Authorization: Bearer <access token>, not in the query.'

/**
 * Admits valid API keys, otherwise a valid bearer token with one of the route's scopes, within the project's rate
 * limits. Reads headers only.
 */
@Injectable()
export class CredentialsGuard extends AuthGuard(['app-keys', 'bearer']) {
  constructor(
    private readonly reflector: Reflector,
    private readonly limits: RateLimits,
  ) {
    super({ session: false, property: 'principal' })
  }

  override async canActivate(context: ExecutionContext): Promise<boolean> {
    if (this.metadata(PUBLIC_METADATA, context) === true) return true
    const request = context.switchToHttp().getRequest<Request>()
    // passport-http-bearer would take a token from the query too, where it ends up in logs.
    if ('access_token' in request.query) throw unauthorized(REALM, NOT_IN_QUERY)
    await super.canActivate(context)
    const { principal } = request
    if (principal === undefined) throw refusalOf(request)
    await this.limits.count(principal.projectId, context)
    this.requireScope(context, principal)
    return true
  }

  override handleRequest<P>(
    error: Error | null,
    principal: P | false,
    _: unknown,
    context: ExecutionContext,
  ): P {
    if (error) throw error
    if (!principal) throw refusalOf(context.switchToHttp().getRequest<Request>())
    return principal
  }

  private requireScope(context: ExecutionContext, principal: Principal): void {
    const admitted = (this.metadata(SCOPES_METADATA, context) ?? []) as Scope[]
    if (admitted.some((scope) => principal.scopes.includes(scope))) return
    throw new RequestError(
      403,
      'missing_required_permission',
      'Missing permission',
      `The access token needs one of these scopes: ${admitted.join(', ')}`,
      {
        headers: {
          'WWW-Authenticate': `${REALM}, error="insufficient_scope", scope="${admitted.join(' ')}"`,
        },
      },
    )
  }

  private metadata(key: string, context: ExecutionContext): unknown {
    return this.reflector.getAllAndOverride<unknown>(key, [context.getHandler(), context.getClass()])
  }
}

/** RFC 6750: an error is named only when a token was sent. */
function refusalOf({ headers }: Request): RequestError {
  const { authorization, 'x-app-id': appId, 'x-app-token': appToken } = headers
  const challenge = authorization === undefined ? REALM : `${REALM}, error="invalid_token"`
  if (appId && appToken) return unauthorized(challenge, WRONG_KEYS)
  return unauthorized(challenge, /^Bearer ./i.test(authorization ?? '') ? WRONG_TOKEN : SEND_CREDENTIALS)
}
