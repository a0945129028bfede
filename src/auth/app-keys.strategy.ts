import { Injectable } from '@nestjs/common'
import { PassportStrategy } from '@nestjs/passport'
import { type Request } from 'express'
import { Strategy } from 'passport'
import { ApiKeys } from '../projects/index.js'
import { type Admission, PrincipalCache } from './principal-cache.js'
import { type Principal } from './principal.js'
import { SCOPES } from './scopes.js'

/** `X-App-Id` and `X-App-Token`, the keys of an application: both on every call. */
class AppKeysHeaders extends Strategy {
  constructor(private readonly verify: (request: Request, done: Verified) => void) {
    super()
  }

  override authenticate(request: Request): void {
    this.verify(request, (error, principal) => {
      if (error) this.error(error)
      else if (principal) this.success(principal)
      else this.fail('Keys', 401)
    })
  }
}

type Verified = (error: Error | null, principal?: object | false) => void

@Injectable()
export class AppKeysStrategy extends PassportStrategy(AppKeysHeaders, 'app-keys') {
  private readonly cache = new PrincipalCache()

  constructor(private readonly keys: ApiKeys) {
    super()
  }

  async validate(request: Request): Promise<Principal | false> {
    const appId = request.get('X-App-Id')
    const appToken = request.get('X-App-Token')
    if (!appId || !appToken) return false
    const ask = (): Promise<Admission | undefined> => this.ask(appId, appToken)
    return (await this.cache.of(`${appId}\n${appToken}`, ask)) ?? false
  }

  private async ask(appId: string, appToken: string): Promise<Admission | undefined> {
    const projectId = await this.keys.projectOf(appId, appToken)
    return projectId === undefined
      ? undefined
      : { principal: { projectId, client: appId, scopes: SCOPES }, goodForMs: Infinity }
  }
}
