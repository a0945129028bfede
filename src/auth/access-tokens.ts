import { Injectable } from '@nestjs/common'
import { InjectRepository } from '@nestjs/typeorm'
import { type EntityManager, type Repository, type SelectQueryBuilder } from 'typeorm'
import { recordAuditBy } from '../audit/index.js'
import { randomAlphanumerics, type ClientContext, tooManyRequests } from '../kernel/index.js'
import { hashSecret } from '../projects/index.js'
import { AccessToken } from './access-token.entity.js'
import { type Admission, PrincipalCache } from './principal-cache.js'
import { type Principal } from './principal.js'
import { type Scope } from './scopes.js'

/** Seconds for which a token is good. */
export const TOKEN_LIFETIME_SECONDS = 900

/** Live tokens that a project may have. */
export const MAX_LIVE_TOKENS = 1_000

/** 50 alphanumerics carry 297 bits. */
const TOKEN_LENGTH = 50
const TOKEN = /^[0-9A-Za-z]{50}$/

export interface IssuedToken {
  readonly token: string
  /** Seconds since 1970. */
  readonly expiresAt: number
}

/** What is known of a live token. */
export interface LiveToken {
  readonly appId: string
  /** Separated by spaces. */
  readonly scope: string
  /** Seconds since 1970. */
  readonly expiresAt: number
  /** Seconds that are left, at least 1. */
  readonly expiresIn: number
}

/** Hands out access tokens, recognises and revokes them. PostgreSQL's clock decides when they end. */
@Injectable()
export class AccessTokens {
  private readonly cache = new PrincipalCache()

  constructor(@InjectRepository(AccessToken) private readonly tokens: Repository<AccessToken>) {}

  /** A new token; refused with 429 while the project has {@link MAX_LIVE_TOKENS}. */
  async issue(
    { projectId, client, requestId }: ClientContext,
    scopes: readonly Scope[],
  ): Promise<IssuedToken> {
    const token = randomAlphanumerics(TOKEN_LENGTH)
    const scope = scopes.join(' ')
    const values = [hashSecret(token), projectId, client, scope, MAX_LIVE_TOKENS]
    const { expiresAt, freeIn } = await this.tokens.manager.transaction(async (manager) => {
      await makeRoom(manager, projectId)
      const [issued] = await manager.query<{ expires: string }[]>(INSERT_BELOW_LIMIT, values)
      if (issued === undefined) return { freeIn: await secondsUntilRoom(manager, projectId) }
      await recordAuditBy(manager, {
        act: 'token.issued',
        projectId,
        client,
        requestId,
        subject: nameOf(token),
        details: { scope },
      })
      return { expiresAt: Number(issued.expires) }
    })
    if (expiresAt === undefined) throw tooManyTokens(freeIn)
    return { token, expiresAt }
  }

  /** Whom a live token stands for, or undefined; remembered for at most five seconds. */
  async principalOf(token: string): Promise<Principal | undefined> {
    return TOKEN.test(token) ? this.cache.of(token, () => this.ask(token)) : undefined
  }

  /** A live token of this project, looked up anew, or undefined. */
  async find(projectId: string, token: string): Promise<LiveToken | undefined> {
    return this.live(token)
      .andWhere('token.projectId = :projectId', { projectId })
      .select(['token.app_id AS "appId"', 'token.scope AS scope'])
      .addSelect('floor(extract(epoch FROM token.expires_at))::float8', 'expiresAt')
      .addSelect(
        'greatest(1, ceil(extract(epoch FROM token.expires_at - clock_timestamp())))::float8',
        'expiresIn',
      )
      .getRawOne<LiveToken>()
  }

  /**
   * Ends a token of this project: at once in this process, within five seconds in every other. Tells whether it
   * was live.
   */
  async revoke({ projectId, client, requestId }: ClientContext, token: string): Promise<boolean> {
    try {
      return await this.tokens.manager.transaction(async (manager) => {
        const [[revoked]] = await manager.query<[{ live: boolean }[]]>(DELETE, [hashSecret(token), projectId])
        if (!revoked?.live) return false
        await recordAuditBy(manager, {
          act: 'token.revoked',
          projectId,
          client,
          requestId,
          subject: nameOf(token),
        })
        return true
      })
    } finally {
      // Also when the answer of PostgreSQL was lost: the token may be gone.
      this.cache.forget(token)
    }
  }

  private async ask(token: string): Promise<Admission | undefined> {
    const row = await this.live(token)
      .select(['token.project_id AS "projectId"', 'token.app_id AS client', 'token.scope AS scope'])
      .addSelect('extract(epoch FROM token.expires_at - clock_timestamp())::float8 * 1000', 'goodForMs')
      .getRawOne<{ projectId: string; client: string; scope: string; goodForMs: number }>()
    if (row === undefined) return undefined
    const { projectId, client, scope, goodForMs } = row
    return { principal: { projectId, client, scopes: scope.split(' ') as Scope[] }, goodForMs }
  }

  private live(token: string): SelectQueryBuilder<AccessToken> {
    return this.tokens
      .createQueryBuilder('token')
      .where('token.tokenHash = :hash AND token.expiresAt > clock_timestamp()', { hash: hashSecret(token) })
      .andWhere(keyIsLive('token'))
  }
}

/** A token dies with the key it was issued to; a new secret of that key does not matter. */
const keyIsLive = (tokens: string): string =>
  `EXISTS (SELECT FROM api_keys k WHERE k.app_id = ${tokens}.app_id AND k.revoked_at IS NULL)`

const DELETE = `
  DELETE FROM access_tokens WHERE token_hash = $1 AND project_id = $2
  RETURNING expires_at > clock_timestamp() AND ${keyIsLive('access_tokens')} AS live`

/** What a token is called where it must not be told. */
const nameOf = (token: string): string => hashSecret(token).toString('hex').slice(0, 16)

/**
 * The time of these statements is that of their arrival, so after the lock was got; other than
 * `clock_timestamp()` an index can be searched by it.
 */
const INSERT_BELOW_LIMIT = `
  INSERT INTO access_tokens (token_hash, project_id, app_id, scope, expires_at)
  SELECT $1, $2::uuid, $3, $4, statement_timestamp() + interval '${TOKEN_LIFETIME_SECONDS} seconds'
  WHERE (SELECT count(*) FROM access_tokens WHERE project_id = $2::uuid) < $5
  RETURNING floor(extract(epoch FROM expires_at))::bigint AS expires`

/** Takes the project's turn to issue, until the end of the transaction, and removes its tokens that have ended. */
async function makeRoom(manager: EntityManager, projectId: string): Promise<void> {
  await manager.query(`SELECT pg_advisory_xact_lock(hashtextextended('tokens:' || $1, 0))`, [projectId])
  await manager.query(
    `DELETE FROM access_tokens WHERE project_id = $1 AND (expires_at <= statement_timestamp() OR app_id IN
       (SELECT app_id FROM api_keys WHERE project_id = $1 AND revoked_at IS NOT NULL))`,
    [projectId],
  )
}

async function secondsUntilRoom(manager: EntityManager, projectId: string): Promise<number> {
  const [row] = await manager.query<{ seconds: number }[]>(
    `SELECT greatest(1, ceil(extract(epoch FROM min(expires_at) - statement_timestamp())))::integer AS seconds
     FROM access_tokens WHERE project_id = $1`,
    [projectId],
  )
  return row?.seconds ?? 1
}

const tooManyTokens = (retryAfterSeconds: number | undefined): Error =>
  tooManyRequests(
    `The project has ${MAX_LIVE_TOKENS} live access tokens; use one until it ends, or revoke some.`,
    retryAfterSeconds ?? 1,
  )
