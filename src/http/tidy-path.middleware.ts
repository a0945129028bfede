import { type NextFunction, type Request, type Response } from 'express'
import { RequestError } from '../kernel/index.js'

/**
 * Leaves out the empty segments of a path, because some clients join a base URL that ends in a slash with a path
 * that begins with one, and refuses a path that cannot be decoded.
 */
export function tidyPath(request: Request, _: Response, next: NextFunction): void {
  const [path = ''] = request.url.split('?', 1)
  requireDecodable(path)
  // Anything else is a whole address, as proxies are sent it. An encoded %2F stays part of its segment.
  if (path.startsWith('/')) request.url = path.replace(/\/{2,}/g, '/') + request.url.slice(path.length)
  next()
}

function requireDecodable(path: string): void {
  try {
    decodeURIComponent(path)
  } catch {
    throw new RequestError(400, 'invalid_path', 'Invalid path', 'The path is not URL-encoded UTF-8.')
  }
}
