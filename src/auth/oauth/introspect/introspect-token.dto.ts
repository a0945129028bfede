import { ApiProperty, OmitType } from '@nestjs/swagger'
import { AccessTokenDto } from '../issue/issue-token.dto.js'

/** A token that is live. */
export class IntrospectedTokenDto extends OmitType(AccessTokenDto, ['expires_in']) {
  @ApiProperty({ example: 555, description: 'How many seconds are left.' })
  expires_in!: number

  @ApiProperty({ enum: [true], description: 'The token can be used.' })
  active!: true

  @ApiProperty({ example: 1795420800, description: 'When it ends, by the name of RFC 7662.' })
  exp!: number

  @ApiProperty({ example: 1795419900, description: 'When it was issued, in seconds since 1970.' })
  iat!: number
}

/** A token that is not, or is none of this project's. */
export class InactiveTokenDto {
  @ApiProperty({
    enum: [false],
    description: 'There is no such token, or it has ended. Nothing else is said.',
  })
  active!: false
}
