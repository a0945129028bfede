import { ApiProperty, PartialType } from '@nestjs/swagger'
import { AccessTokenDto } from '../issue/issue-token.dto.js'

/** What a token is good for. Of one that is not live, or is none of this project's, only `active` is said. */
export class IntrospectedTokenDto extends PartialType(AccessTokenDto) {
  @ApiProperty({
    description:
      'Whether the token can be used. False for one that never was, has ended, or is of another project.',
  })
  active!: boolean

  @ApiProperty({
    required: false,
    example: 1795420800,
    description: 'When it ends, by the name of RFC 7662.',
  })
  exp?: number

  @ApiProperty({
    required: false,
    example: 1795419900,
    description: 'When it was issued, in seconds since 1970.',
  })
  iat?: number
}
