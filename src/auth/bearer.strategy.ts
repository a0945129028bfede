import { Injectable } from '@nestjs/common'
import { PassportStrategy } from '@nestjs/passport'
import { Strategy } from 'passport-http-bearer'
import { AccessTokens } from './access-tokens.js'
import { OutsideTokens } from './outside/outside-tokens.js'
import { type Principal } from './principal.js'

/** `Authorization: Bearer <access token>`: one of our own, or one of the outside issuer that the settings name. */
@Injectable()
export class BearerStrategy extends PassportStrategy(Strategy, 'bearer') {
  constructor(
    private readonly tokens: AccessTokens,
    private readonly outside: OutsideTokens,
  ) {
    super()
  }

  async validate(token: string): Promise<Principal | false> {
    return (await this.tokens.principalOf(token)) ?? (await this.outside.principalOf(token)) ?? false
  }
}
