import { applyDecorators } from '@nestjs/common'
import { ApiExtraModels, ApiProperty, ApiResponse, getSchemaPath } from '@nestjs/swagger'
import { ApiErrors, ErrorDto, TooLargeErrorDto } from '../../http/index.js'
import { MAX_FORM_BYTES } from './form/form.interceptor.js'

/** The error object with the fields of RFC 6749 beside its own. */
export class OAuthErrorDto extends ErrorDto {
  @ApiProperty({
    enum: ['invalid_client', 'invalid_request', 'invalid_scope', 'unsupported_grant_type'],
    description: 'The kind of error by its name in RFC 6749.',
  })
  error!: string

  @ApiProperty({
    example: 'Send grant_type and scope, form-encoded.',
    description: 'The same as `details`, or else `message`, in printable ASCII.',
  })
  error_description!: string
}

/** Documents how every OAuth endpoint fails. */
export const OAuthErrors = (...further: number[]): MethodDecorator =>
  applyDecorators(
    ApiExtraModels(OAuthErrorDto),
    ApiResponse({ status: 400, description: 'A parameter is missing or wrong.', type: OAuthErrorDto }),
    ApiResponse({
      status: 401,
      description: 'The client sent no keys, or wrong ones; nothing of the body was read.',
      type: OAuthErrorDto,
    }),
    ApiErrors(415, ...further),
    ApiResponse({
      status: 413,
      description: `The form is longer than ${MAX_FORM_BYTES} bytes.`,
      schema: { $ref: getSchemaPath(TooLargeErrorDto) },
    }),
  )
