import { Injectable } from '@nestjs/common'
import { PassportStrategy } from '@nestjs/passport'
import { Strategy } from 'passport-http-bearer'
import { AccessTokens } from './access-tokens.js'
import { PrincipalCache } from './principal-cache.js'
import { type Principal } from './principal.js'

/** `Authorization: Bearer <access token>`. */
@Injectable()
export class BearerStrategy extends PassportStrategy(Strategy, 'bearer') {
  private readonly cache = new PrincipalCache()

  constructor(private readonly tokens: AccessTokens) {
    super()
  }

  async validate(token: string): Promise<Principal | false> {
    return (await this.cache.of(token, () => this.tokens.principalOf(token))) ?? false
  }
}
