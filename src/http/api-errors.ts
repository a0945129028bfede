import { applyDecorators } from '@nestjs/common'
import { ApiProperty, ApiPropertyOptional, ApiResponse, getSchemaPath, ApiExtraModels } from '@nestjs/swagger'

/** The error object, for the OpenAPI document. */
export class ErrorDto {
  @ApiProperty({ type: 'integer', example: 400, description: 'Repeats the HTTP status.' })
  code!: number

  @ApiPropertyOptional({ example: 'invalid_payload', description: 'Names the kind of error for programs.' })
  key?: string

  @ApiProperty({ example: 'Invalid payload', description: 'Names the kind of error for people.' })
  message!: string

  @ApiPropertyOptional({
    example: "Payload[3] should have required property 'source_id'",
    description: 'Says which field or place is wrong, and how.',
  })
  details?: string

  @ApiPropertyOptional({
    example: 'v-19ab3de8c2412f0a77',
    description: 'Id of the request; the X-Voucherify-Request-Id header repeats it.',
  })
  request_id?: string

  @ApiPropertyOptional({ description: 'On 404: the id that was asked for.' })
  resource_id?: string

  @ApiPropertyOptional({ description: 'On 404: what was asked for.', example: 'async_action' })
  resource_type?: string
}

/** The body of a 413, which differs from every other error. */
export class TooLargeErrorDto {
  @ApiProperty({ type: 'integer', example: 413, description: 'Repeats the HTTP status.' })
  statusCode!: number

  @ApiProperty({ example: 'Request Entity Too Large', description: 'Name of the HTTP status.' })
  error!: string

  @ApiProperty({
    example: 'Payload content length greater than maximum allowed: 10485760',
    description: 'Says how many bytes a body may have.',
  })
  message!: string
}

const REQUEST_ID = 'v-19ab3de8c2412f0a77'

const error = (code: number, key: string, message: string, details?: string, more: object = {}) => ({
  value: { code, key, message, ...(details !== undefined && { details }), request_id: REQUEST_ID, ...more },
})

const missing = (type: string, id: string) =>
  error(404, 'not_found', 'Resource not found', `Cannot find ${type} with id ${id}`, {
    resource_id: id,
    resource_type: type,
  })

/** What a status means, and bodies as they are really sent; where calls differ, one for each kind, by its name. */
const ERRORS: Record<number, { description: string; examples: Record<string, { value: object }> }> = {
  400: {
    description: 'The request is malformed; nothing was stored.',
    examples: {
      payload: error(
        400,
        'invalid_payload',
        'Invalid payload',
        "Payload[3] should have required property 'source_id'",
      ),
      query: error(400, 'invalid_query_params', 'Invalid query params', 'Property .limit must be <= 100'),
    },
  },
  401: {
    description: 'No valid credentials were sent.',
    examples: {
      unauthorized: error(
        401,
        'unauthorized',
        'Unauthorized',
        'Send X-App-Id and X-App-Token, both, or an access token as Authorization: Bearer <access token>.',
      ),
    },
  },
  403: {
    description: 'The access token lacks the scope for this call.',
    examples: {
      scope: error(
        403,
        'missing_required_permission',
        'Missing permission',
        'The access token needs one of these scopes: api, customers',
      ),
    },
  },
  404: {
    description: 'There is no such resource in the project.',
    examples: {
      customer: missing('customer', 'nobody@example.com'),
      async_action: missing('async_action', 'aa_000000000000000000'),
      report: missing('report', 'aa_000000000000000000'),
    },
  },
  406: {
    description: 'The Accept header excludes what the call produces.',
    examples: {
      accept: error(
        406,
        'not_acceptable',
        'Not acceptable',
        'This endpoint produces application/json, which the Accept header excludes.',
      ),
    },
  },
  408: {
    description: 'The body came in too slowly: the connection is closed, and nothing was stored.',
    examples: {
      slow: error(408, 'request_timeout', 'Request timeout', 'The request did not arrive in time.'),
    },
  },
  409: {
    description:
      'A request with the same Idempotency-Key is being stored: try again after the seconds in Retry-After.',
    examples: {
      in_flight: error(
        409,
        'idempotency_key_in_flight',
        'Idempotency key in flight',
        'A request with this Idempotency-Key is just being stored; repeat it shortly.',
      ),
    },
  },
  413: {
    description: 'The body is longer than 10,485,760 bytes.',
    examples: {
      too_large: {
        value: {
          statusCode: 413,
          error: 'Request Entity Too Large',
          message: 'Payload content length greater than maximum allowed: 10485760',
        },
      },
    },
  },
  415: {
    description: 'The body is not of the type that the call takes.',
    examples: {
      type: error(415, 'unsupported_media_type', 'Unsupported media type', 'Send application/json in UTF-8.'),
    },
  },
  422: {
    description: 'The Idempotency-Key was used for a request with other content, or at another endpoint.',
    examples: {
      reused: error(
        422,
        'idempotency_key_reused',
        'Idempotency key reused',
        'This Idempotency-Key was used for a request with other content, or at another endpoint; take a new one.',
      ),
    },
  },
  429: {
    description: 'Too much at once: try again after the seconds in Retry-After.',
    examples: {
      open_actions: error(
        429,
        'too_many_requests',
        'Too many requests hit the API too quickly.',
        'The project has 1000 unfinished asynchronous actions, the most it may have.',
      ),
    },
  },
  431: {
    description: 'Path, query and headers have more than 16,384 bytes together.',
    examples: {
      too_long: error(
        431,
        'headers_too_large',
        'Request header fields too large',
        'Request line and headers may have 16,384 bytes together.',
      ),
    },
  },
  503: {
    description:
      'The database is away, or the server has too much to do: try again after the seconds in Retry-After.',
    examples: {
      away: error(
        503,
        'service_unavailable',
        'Service unavailable',
        'The database is away or overloaded; try again shortly.',
      ),
      uploads: error(
        503,
        'too_many_uploads',
        'Too many uploads',
        'The server is at other large requests: this one had no turn within 30 seconds. Nothing was stored.',
      ),
    },
  },
}

/** What any call may answer. */
const EVERYWHERE = [406, 431, 503]

const wholeNumber = (description: string) => ({ description, schema: { type: 'integer' } })

const RETRY_HEADERS = { 'Retry-After': wholeNumber('Seconds to wait.') }

const LIMIT_HEADERS = {
  ...RETRY_HEADERS,
  'X-Rate-Limit-Limit': wholeNumber('How many such calls the project may make in a window of time.'),
  'X-Rate-Limit-Remaining': wholeNumber('How many of them are left.'),
  'X-Rate-Limit-Retry': wholeNumber('When the next is possible, in seconds since 1970-01-01T00:00:00Z.'),
  'X-Rate-Limit-Type': {
    description: 'Which limit it is.',
    schema: { type: 'string', enum: ['api_calls', 'bulk_api_calls'] },
  },
}

/**
 * Documents which errors a call answers with, those that any call may answer with included. A call that may lack a
 * scope is made for a project, so it counts towards the project's rate limits.
 */
export const ApiErrors = (...statuses: number[]): MethodDecorator & ClassDecorator => {
  const all = new Set([...statuses, ...(statuses.includes(403) ? [429] : []), ...EVERYWHERE])
  return applyDecorators(
    ApiExtraModels(ErrorDto, TooLargeErrorDto),
    ...[...all].map((status) => {
      const { description = '', examples = {} } = ERRORS[status] ?? {}
      const schema = { $ref: getSchemaPath(status === 413 ? TooLargeErrorDto : ErrorDto) }
      return ApiResponse({
        status,
        description,
        content: { 'application/json': { schema, examples } },
        ...(status === 409 && { headers: RETRY_HEADERS }),
        ...(status === 429 && { headers: LIMIT_HEADERS }),
      })
    }),
  )
}
