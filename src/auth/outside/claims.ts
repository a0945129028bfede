import { type JWTHeaderParameters, type JWTPayload } from 'jose'
import { type Scope, SCOPES } from '../scopes.js'

/** Signatures that only the issuer can make. */
export const ALGORITHMS = ['RS', 'PS', 'ES'].flatMap((family) =>
  [256, 384, 512].map((bits) => `${family}${bits}`),
)
ALGORITHMS.push('EdDSA')

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i

/**
 * Whether a JWT says that it is an access token (`at+jwt`, RFC 9068), or nothing more than that it is a JWT, as many
 * issuers leave it. What says that it is something else, a logout token for instance, is none.
 */
export function mayBeAccessToken({ typ }: JWTHeaderParameters): boolean {
  if (typ === undefined) return true
  return typeof typ === 'string' && /^(application\/)?(at\+)?jwt$/i.test(typ)
}

/** The scopes that mean something here: from `scope`, or else `scp`, each a text with spaces or a list. */
export function scopesOf({ scope, scp }: JWTPayload): Scope[] {
  const claim = scope ?? scp
  const names: unknown[] = typeof claim === 'string' ? claim.split(' ') : Array.isArray(claim) ? claim : []
  return SCOPES.filter((known) => names.includes(known))
}

/**
 * Which application the token was issued to: `client_id` (RFC 9068), or else `azp`; a person, who may be its subject, is
 * none. No id of ours looks like that.
 */
export function clientOf({ client_id: id, azp }: JWTPayload): string {
  const client = [id, azp].find((value) => typeof value === 'string' && /^[\x21-\x7e]{1,255}$/.test(value))
  return `outside:${(client as string | undefined) ?? 'unknown'}`
}

/** The project id that a claim holds, or undefined when it holds none. */
export function projectOf(payload: JWTPayload, claim: string): string | undefined {
  const value = payload[claim]
  return typeof value === 'string' && UUID.test(value) ? value.toLowerCase() : undefined
}
