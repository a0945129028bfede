import { Injectable } from '@nestjs/common'
import { InjectRepository } from '@nestjs/typeorm'
import { type Repository } from 'typeorm'
import { randomAlphanumerics } from '../kernel/index.js'
import { hashSecret } from '../projects/index.js'
import { AccessToken } from './access-token.entity.js'
import { type Principal } from './principal.js'
import { type Scope } from './scopes.js'

/** Seconds for which a token is good. */
export const TOKEN_LIFETIME_SECONDS = 900

/** 50 alphanumerics carry 297 bits. */
const TOKEN_LENGTH = 50

export interface IssuedToken {
  readonly token: string
  /** Seconds since 1970. */
  readonly expiresAt: number
}

/** Hands out access tokens and recognises them. PostgreSQL's clock decides when they end. */
@Injectable()
export class AccessTokens {
  constructor(@InjectRepository(AccessToken) private readonly tokens: Repository<AccessToken>) {}

  async issue(projectId: string, appId: string, scopes: readonly Scope[]): Promise<IssuedToken> {
    const token = randomAlphanumerics(TOKEN_LENGTH)
    const inserted = await this.tokens
      .createQueryBuilder()
      .insert()
      .values({
        tokenHash: hashSecret(token),
        projectId,
        appId,
        scope: scopes.join(' '),
        expiresAt: () => `clock_timestamp() + interval '${TOKEN_LIFETIME_SECONDS} seconds'`,
      })
      .returning('floor(extract(epoch FROM expires_at))::bigint AS expires')
      .execute()
    const [issued] = inserted.raw as { expires: string }[]
    return { token, expiresAt: Number(issued?.expires) }
  }

  /** Whom a live token stands for, or undefined. */
  async principalOf(token: string): Promise<Principal | undefined> {
    const found = await this.tokens
      .createQueryBuilder('token')
      .where('token.tokenHash = :hash AND token.expiresAt > clock_timestamp()', { hash: hashSecret(token) })
      .andWhere('EXISTS (SELECT FROM api_keys WHERE app_id = token.app_id AND revoked_at IS NULL)')
      .getOne()
    return found === null
      ? undefined
      : { projectId: found.projectId, scopes: found.scope.split(' ') as Scope[] }
  }
}
