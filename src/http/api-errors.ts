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

const DESCRIPTIONS: Record<number, string> = {
  400: 'The request is malformed; nothing was stored.',
  401: 'No valid credentials were sent.',
  403: 'The access token lacks the scope for this call.',
  404: 'There is no such resource in the project.',
  413: 'The body is longer than 10,485,760 bytes.',
  415: 'The body is not of the type that the call takes.',
  429: 'Too much at once: try again after the seconds in Retry-After.',
  503: 'The database is away: try again after the seconds in Retry-After.',
}

/** Documents which errors a call answers with. 503 may come from any. */
export const ApiErrors = (...statuses: number[]): MethodDecorator & ClassDecorator =>
  applyDecorators(
    ApiExtraModels(ErrorDto, TooLargeErrorDto),
    ...[...statuses, 503].map((status) =>
      ApiResponse({
        status,
        description: DESCRIPTIONS[status] ?? '',
        schema: { $ref: getSchemaPath(status === 413 ? TooLargeErrorDto : ErrorDto) },
      }),
    ),
  )
