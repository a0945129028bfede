import { Injectable, Logger } from '@nestjs/common'
import { decodeJwt, errors, type JWTPayload, jwtVerify } from 'jose'
import { Settings } from '../../config/index.js'
import { RequestError } from '../../kernel/index.js'
import { Projects } from '../../projects/index.js'
import { type Admission, PrincipalCache } from '../principal-cache.js'
import { type Principal } from '../principal.js'
import { ALGORITHMS, clientOf, mayBeAccessToken, projectOf, scopesOf } from './claims.js'
import { IssuerKeys } from './issuer-keys.js'

/** Seconds by which the issuer's clock may differ from ours. */
const LEEWAY_SECONDS = 10
const RETRY_AFTER_SECONDS = 5

/** The outside issuer, as the settings name it. */
interface Issuer {
  readonly issuer: string
  readonly audience: string
  readonly keys: IssuerKeys
}

/** Recognises JWT access tokens (RFC 9068) of the authorization server that `OAUTH_ISSUER` names, if it names one. */
@Injectable()
export class OutsideTokens {
  private readonly logger = new Logger(OutsideTokens.name)
  private readonly cache = new PrincipalCache()
  private readonly outside: Issuer | undefined

  constructor(
    private readonly settings: Settings,
    private readonly projects: Projects,
  ) {
    const { oauthIssuer: issuer, oauthAudience: audience, oauthJwksUri } = settings
    if (issuer !== undefined && audience !== undefined)
      this.outside = { issuer, audience, keys: new IssuerKeys(issuer, oauthJwksUri) }
  }

  /**
   * Whom a token stands for, or undefined when it is not a valid one. Throws 503 when the issuer's keys cannot be got,
   * and 403 when the token is valid and names no project of ours.
   */
  async principalOf(token: string): Promise<Principal | undefined> {
    const { outside } = this
    if (outside === undefined || !claimsToBeFrom(outside.issuer, token)) return undefined
    return this.cache.of(token, () => this.admit(token, outside))
  }

  private async admit(token: string, outside: Issuer): Promise<Admission | undefined> {
    const payload = await this.verify(token, outside)
    if (payload?.exp === undefined) return undefined
    const projectId = projectOf(payload, this.settings.oauthProjectClaim)
    if (projectId === undefined || !(await this.projects.exists(projectId)))
      throw namesNoProject(this.settings.oauthProjectClaim)
    const goodForMs = (payload.exp + LEEWAY_SECONDS) * 1_000 - Date.now()
    return { principal: { projectId, client: clientOf(payload), scopes: scopesOf(payload) }, goodForMs }
  }

  private async verify(token: string, { issuer, audience, keys }: Issuer): Promise<JWTPayload | undefined> {
    try {
      const { payload, protectedHeader } = await jwtVerify(token, keys.keyFor, {
        algorithms: ALGORITHMS,
        issuer,
        audience,
        clockTolerance: LEEWAY_SECONDS,
        requiredClaims: ['exp'],
      })
      return mayBeAccessToken(protectedHeader) ? payload : undefined
    } catch (error) {
      if (error instanceof errors.JOSEError) return undefined
      // Not the token's fault: the keys cannot be got, or are none that can be used.
      this.logger.warn(`Answered 503: ${causesOf(error)}`)
      throw unavailable()
    }
  }
}

/** A look without any check, so that only what may be a token of the issuer makes us ask it for keys. */
function claimsToBeFrom(issuer: string, token: string): boolean {
  try {
    return decodeJwt(token).iss === issuer
  } catch (error) {
    if (error instanceof errors.JWTInvalid) return false
    throw error
  }
}

/** The messages of an error and of what it was caused by. */
const causesOf = (error: unknown): string =>
  error instanceof Error ? [error.message, causesOf(error.cause)].filter(Boolean).join(': ') : ''

const namesNoProject = (claim: string): RequestError =>
  new RequestError(
    403,
    'missing_required_permission',
    'Missing permission',
    `The access token names no project of this installation in its claim ${claim}.`,
  )

const unavailable = (): RequestError =>
  new RequestError(
    503,
    'service_unavailable',
    'Service unavailable',
    'The authorization server that issued the token does not answer; try again shortly.',
    { headers: { 'Retry-After': String(RETRY_AFTER_SECONDS) } },
  )
