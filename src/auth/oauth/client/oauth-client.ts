import { createParamDecorator, type ExecutionContext } from '@nestjs/common'
import { type Request } from 'express'
import { type ClientContext } from '../../../kernel/index.js'

declare module 'express-serve-static-core' {
  interface Request {
    /** The application that calls an OAuth endpoint, its keys checked. */
    oauthClient?: Pick<ClientContext, 'projectId' | 'client'>
  }
}

/** Gives a controller behind the `ClientGuard` the context of a client that it admitted. */
export const AuthenticatedClient = createParamDecorator(
  (_: unknown, context: ExecutionContext): ClientContext => {
    const { oauthClient, requestId } = context.switchToHttp().getRequest<Request>()
    if (oauthClient === undefined) throw new Error('The route has no ClientGuard: it has no client.')
    return { ...oauthClient, requestId }
  },
)
