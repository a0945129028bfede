import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common'
import { type Request } from 'express'
import { type RequestError } from '../../../kernel/index.js'
import { ApiKeys } from '../../../projects/index.js'
import { oauthError } from '../oauth-error.js'
import { clientCredentialsOf } from './client-credentials.js'

/** Admits the clients of the OAuth endpoints by their keys. Reads headers only, so nothing of a body is read before. */
@Injectable()
export class ClientGuard implements CanActivate {
  constructor(private readonly keys: ApiKeys) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const request = context.switchToHttp().getRequest<Request>()
    const client = clientCredentialsOf(request)
    if (client === undefined) throw unknownClient()
    const projectId = await this.keys.projectOf(client.appId, client.appToken)
    if (projectId === undefined) throw unknownClient()
    request.oauthClient = { client: client.appId, projectId }
    return true
  }
}

const unknownClient = (): RequestError =>
  oauthError('invalid_client', 401, 'unauthorized', 'Unauthorized', {
    details: 'Send the application id and its token as X-App-Id and X-App-Token, or by HTTP Basic.',
    headers: { 'WWW-Authenticate': 'Basic realm="rollcall"' },
  })
