import { isSecureUrl } from '../../config/index.js'
import { IssuerUnavailable } from './issuer-unavailable.js'

/** An issuer that takes longer than this counts as away, in milliseconds. */
export const ISSUER_TIMEOUT_MS = 5_000

/** Where an issuer publishes its keys, as its metadata says (RFC 8414, or else OpenID Connect Discovery). */
export async function discoverJwksUri(issuer: string): Promise<URL> {
  const metadata = (await fetchJson(oauthMetadataUrl(issuer))) ?? (await fetchJson(openIdMetadataUrl(issuer)))
  if (metadata === undefined) throw new IssuerUnavailable(`${issuer} publishes no metadata`)
  const { issuer: named, jwks_uri: uri } = metadata
  // Otherwise one issuer could pass its keys off as those of another.
  if (named !== issuer) throw new IssuerUnavailable(`the metadata of ${issuer} names ${String(named)}`)
  if (!isSecureUrl(uri)) throw new IssuerUnavailable(`the metadata of ${issuer} has no usable jwks_uri`)
  return new URL(uri)
}

/** The well-known part stands between host and path. */
function oauthMetadataUrl(issuer: string): URL {
  const { origin, pathname } = new URL(issuer)
  return new URL(`${origin}/.well-known/oauth-authorization-server${pathname.replace(/\/$/, '')}`)
}

/** The well-known part stands behind the path. */
const openIdMetadataUrl = (issuer: string): URL =>
  new URL(`${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`)

/** The document, or undefined when the server has none there. */
async function fetchJson(url: URL): Promise<Record<string, unknown> | undefined> {
  try {
    const response = await fetch(url, {
      headers: { accept: 'application/json' },
      redirect: 'error',
      signal: AbortSignal.timeout(ISSUER_TIMEOUT_MS),
    })
    if (response.status >= 400 && response.status < 500) return undefined
    if (response.status !== 200) throw new Error(`status ${response.status}`)
    return (await response.json()) as Record<string, unknown>
  } catch (error) {
    throw new IssuerUnavailable(`${url.href} cannot be read`, { cause: error })
  }
}
