import { createParamDecorator, type ExecutionContext } from '@nestjs/common'
import { type Request } from 'express'
import { type ClientContext } from '../kernel/index.js'
import { type Scope } from './scopes.js'

/** Who is calling: an application of a project, with what it may do. */
export interface Principal {
  readonly projectId: string
  /** The id of the application. */
  readonly client: string
  readonly scopes: readonly Scope[]
}

declare module 'express-serve-static-core' {
  interface Request {
    principal?: Principal
  }
}

/** Gives a controller the context of the authenticated request. */
export const Client = createParamDecorator((_: unknown, context: ExecutionContext): ClientContext => {
  const { principal, requestId } = context.switchToHttp().getRequest<Request>()
  if (principal === undefined) throw new Error('The route is public: it has no client.')
  const { projectId, client } = principal
  return { projectId, client, requestId }
})
