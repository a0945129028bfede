import { Injectable } from '@nestjs/common'
import { PassportStrategy } from '@nestjs/passport'
import { Strategy } from 'passport-http-bearer'
import { AccessTokens } from './access-tokens.js'
import { type Principal } from './principal.js'

/** `Authorization: Bearer <access token>`. */
@Injectable()
export class BearerStrategy extends PassportStrategy(Strategy, 'bearer') {
  constructor(private readonly tokens: AccessTokens) {
    super()
  }

  async validate(token: string): Promise<Principal | false> {
    return (await this.tokens.principalOf(token)) ?? false
  }
}
