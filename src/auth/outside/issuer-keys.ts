import { createRemoteJWKSet, errors, type JWKSCacheInput, jwksCache, type JWTVerifyGetKey } from 'jose'
import { withTimeout } from '../../kernel/index.js'
import { discoverJwksUri, ISSUER_TIMEOUT_MS } from './issuer-metadata.js'
import { IssuerUnavailable } from './issuer-unavailable.js'

/** Keys are read again after this; a key that the issuer withdrew is taken no longer. */
const KEYS_LAST_MS = 600_000

/** A token with an unknown key makes the keys be read again, but no more often than this. */
const COOLDOWN_MS = 5_000

/** What a token may be tripped up by, other than the issuer being away. */
const NO_SUCH_KEY = [errors.JWKSNoMatchingKey, errors.JWKSMultipleMatchingKeys, errors.JOSENotSupported]

/** The published keys of an issuer, found by its metadata unless their address is given, and kept for a while. */
export class IssuerKeys {
  private readonly cache: JWKSCacheInput = {}
  private address: Promise<URL> | undefined
  private remote: JWTVerifyGetKey | undefined

  constructor(
    private readonly issuer: string,
    private readonly jwksUri?: string,
  ) {}

  /** The key that a token's header names; throws {@link IssuerUnavailable} when the issuer is asked for it in vain. */
  readonly keyFor: JWTVerifyGetKey = async (header, token) => {
    this.remote ??= openRemote(await this.jwksAddress(), this.cache)
    try {
      return await withTimeout(Promise.resolve(this.remote(header, token)), ISSUER_TIMEOUT_MS + 1_000)
    } catch (error) {
      if (NO_SUCH_KEY.some((kind) => error instanceof kind)) throw error
      // jose would wait for ever for a body that does not end. A new set asks anew; what is known is in the cache.
      this.remote = undefined
      throw new IssuerUnavailable(`the keys of ${this.issuer} cannot be read`, { cause: error })
    }
  }

  private jwksAddress(): Promise<URL> {
    this.address ??= this.findAddress().catch((error: unknown) => {
      this.address = undefined
      throw error
    })
    return this.address
  }

  private async findAddress(): Promise<URL> {
    return this.jwksUri === undefined ? discoverJwksUri(this.issuer) : new URL(this.jwksUri)
  }
}

const openRemote = (address: URL, cache: JWKSCacheInput): JWTVerifyGetKey =>
  createRemoteJWKSet(address, {
    cacheMaxAge: KEYS_LAST_MS,
    cooldownDuration: COOLDOWN_MS,
    timeoutDuration: ISSUER_TIMEOUT_MS,
    [jwksCache]: cache,
  })
