/**
 * What the API tells its caller when it refuses a request: the one word of HTTP that the kernel knows, because what is
 * wrong with a request may be found anywhere. Fields are those of the error object on the wire.
 */
export class RequestError extends Error {
  constructor(
    /** HTTP status. */
    readonly status: number,
    /** Machine-readable key; a few errors of the contract have none. */
    readonly key: string | undefined,
    message: string,
    /** Names the field and the place that caused it. */
    readonly details?: string,
    /** Further fields of the error object, and headers such as `Retry-After`. */
    readonly extra: {
      resourceId?: string
      resourceType?: string
      fields?: Record<string, string>
      headers?: Record<string, string>
    } = {},
  ) {
    super(message)
  }
}

export const invalidPayload = (details: string): RequestError =>
  new RequestError(400, 'invalid_payload', 'Invalid payload', details)

export const invalidQuery = (details: string): RequestError =>
  new RequestError(400, 'invalid_query_params', 'Invalid query params', details)

/** `details` say what to send; never which half of a pair was wrong. */
export const unauthorized = (challenge: string, details: string): RequestError =>
  new RequestError(401, 'unauthorized', 'Unauthorized', details, {
    headers: { 'WWW-Authenticate': challenge },
  })

export const notFound = (resourceType: string, resourceId: string): RequestError =>
  new RequestError(
    404,
    'not_found',
    'Resource not found',
    `Cannot find ${resourceType} with id ${resourceId}`,
    {
      resourceId,
      resourceType,
    },
  )

export const tooManyRequests = (details: string, retryAfterSeconds: number): RequestError =>
  new RequestError(429, 'too_many_requests', 'Too many requests hit the API too quickly.', details, {
    headers: { 'Retry-After': String(retryAfterSeconds) },
  })
