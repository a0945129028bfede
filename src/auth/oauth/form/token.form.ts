import { type PipeTransform } from '@nestjs/common'
import { ApiPropertyOptional } from '@nestjs/swagger'
import { invalidForm, missingParameters } from '../oauth-error.js'

/** What a client sends, form-encoded, to ask about a token or to end it. */
export class TokenForm {
  @ApiPropertyOptional({
    example: 'h3Vt9QmZ0xR7cK2bWy8LdPf5JgNs1AeUoT4iXkCqMv6BzHrYwD',
    description: 'The token that the request is about.',
  })
  access_token?: string

  @ApiPropertyOptional({
    // Swagger UI would fill in a text, and a request with both names is refused.
    example: '',
    description: 'The same by its name in RFC 7662 and RFC 7009. Send one of the two, not both.',
  })
  token?: string

  @ApiPropertyOptional({ example: 'access_token', description: 'Ignored: there is one kind of token.' })
  token_type_hint?: string
}

/** The token of a form, and by which name it came. */
export interface NamedToken {
  readonly token: string
  /** Whether it came by the name that the RFCs give it. */
  readonly standardName: boolean
}

/** Takes the token out of a form. */
export class TokenPipe implements PipeTransform<TokenForm, NamedToken> {
  transform({ access_token: own, token: standard }: TokenForm): NamedToken {
    if (own !== undefined && standard !== undefined)
      throw invalidForm('Send access_token or token, not both.')
    const token = own ?? standard
    if (token === undefined) throw missingParameters('Send access_token, form-encoded.')
    return { token, standardName: own === undefined }
  }
}
