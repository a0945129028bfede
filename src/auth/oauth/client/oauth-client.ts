import { createParamDecorator, type ExecutionContext } from '@nestjs/common'
import { type Request } from 'express'

/** The application that calls an OAuth endpoint, its keys checked. */
export interface OAuthClient {
  readonly appId: string
  readonly projectId: string
}

declare module 'express-serve-static-core' {
  interface Request {
    oauthClient?: OAuthClient
  }
}

/** Gives a controller behind the `ClientGuard` the client that it admitted. */
export const AuthenticatedClient = createParamDecorator(
  (_: unknown, context: ExecutionContext): OAuthClient => {
    const { oauthClient } = context.switchToHttp().getRequest<Request>()
    if (oauthClient === undefined) throw new Error('The route has no ClientGuard: it has no client.')
    return oauthClient
  },
)
