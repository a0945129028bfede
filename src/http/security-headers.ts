import { type NextFunction, type Request, type Response } from 'express'
import helmet, { type HelmetOptions } from 'helmet'

const ONE_YEAR_SECONDS = 31_536_000

/**
 * Answers are for who asked. A cache on the way knows that of `Authorization`, but not of keys in headers of ours. Each
 * may be kept by its caller, and asked after by its ETag.
 */
const FOR_ONE_CALLER = 'private, no-cache'

/** For whom no browser is to load anything: data, errors, downloads. */
const NOTHING = { defaultSrc: ["'none'"], frameAncestors: ["'none'"] }

/**
 * For Swagger UI: everything from this server, and no script inside the page. Its styles are inside, and its pictures
 * are `data:` URLs.
 */
const OWN_PAGES = {
  ...NOTHING,
  scriptSrc: ["'self'"],
  styleSrc: ["'self'", "'unsafe-inline'"],
  imgSrc: ["'self'", 'data:'],
  connectSrc: ["'self'"],
  baseUri: ["'none'"],
  formAction: ["'self'"],
}

type Middleware = (request: Request, response: Response, next: NextFunction) => void

/**
 * The headers by which browsers and caches are told how little they may do with an answer. That TLS is to be used from now on
 * (HSTS) is said only where `publicUrl` shows that there is TLS, and for this host alone.
 */
export function securityHeaders(publicUrl: string | undefined): Middleware {
  const common: HelmetOptions = {
    strictTransportSecurity: publicUrl?.startsWith('https:') === true && {
      maxAge: ONE_YEAR_SECONDS,
      includeSubDomains: false,
    },
    xFrameOptions: { action: 'deny' },
  }
  const policy = (directives: Record<string, string[]>): Middleware =>
    helmet({ ...common, contentSecurityPolicy: { useDefaults: false, directives } }) as Middleware
  const [nothing, ownPages] = [policy(NOTHING), policy(OWN_PAGES)]
  return (request, response, next) => {
    response.set('Cache-Control', FOR_ONE_CALLER)
    ;(/^\/docs(\/|$)/.test(request.path) ? ownPages : nothing)(request, response, next)
  }
}
