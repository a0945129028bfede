import { applyDecorators } from '@nestjs/common'
import { ApiProperty, ApiPropertyOptional, ApiResponse, getSchemaPath, ApiExtraModels } from '@nestjs/swagger'

/** The error object, for the OpenAPI document. */
export class ErrorDto {
  @ApiProperty({ example: 400, description: 'Repeats the HTTP status.' })
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
  @ApiProperty({ example: 413, description: 'Repeats the HTTP status.' })
  statusCode!: number

  @ApiProperty({ example: 'Request Entity Too Large', description: 'Name of the HTTP status.' })
  error!: string

  @ApiProperty({
    example: 'Payload content length greater than maximum allowed: 10485760',
    description: 'Says how many bytes a body may have.',
  })
  message!: string
}

const DESCRIPTIONS: Record<number, string> = {
  400: 'The request is malformed; nothing was stored.',
  401: 'No valid credentials were sent.',
  403: 'The access token lacks the scope for this call.',
  404: 'There is no such resource in the project.',
  406: 'The Accept header excludes what the call produces.',
  413: 'The body is longer than 10,485,760 bytes.',
  415: 'The body is not of the type that the call takes.',
  429: 'Too much at once: try again after the seconds in Retry-After.',
  503: 'The database is away: try again after the seconds in Retry-After.',
}

/** What any call may answer. */
const EVERYWHERE = [406, 503]

const wholeNumber = (description: string) => ({ description, schema: { type: 'integer' } })

const LIMIT_HEADERS = {
  'Retry-After': wholeNumber('Seconds to wait.'),
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
    ...[...all].map((status) =>
      ApiResponse({
        status,
        description: DESCRIPTIONS[status] ?? '',
        schema: { $ref: getSchemaPath(status === 413 ? TooLargeErrorDto : ErrorDto) },
        ...(status === 429 && { headers: LIMIT_HEADERS }),
      }),
    ),
  )
}
