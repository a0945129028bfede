import { ApiProperty } from '@nestjs/swagger'
import { IsNotEmpty, IsString } from 'class-validator'
import { SCOPES } from '../../scopes.js'

/** What a client sends, form-encoded, to get an access token. */
export class IssueTokenDto {
  @ApiProperty({ enum: ['client_credentials'], description: 'The only grant there is.' })
  @IsString()
  @IsNotEmpty()
  grant_type!: string

  @ApiProperty({
    example: 'api',
    description: `What the token is for: one or more of ${SCOPES.map((scope) => `\`${scope}\``).join(', ')}, separated by spaces. \`api\` admits to everything.`,
  })
  @IsString()
  @IsNotEmpty()
  scope!: string
}

/** An access token and what goes with it. */
export class AccessTokenDto {
  @ApiProperty({
    example: 'h3Vt9QmZ0xR7cK2bWy8LdPf5JgNs1AeUoT4iXkCqMv6BzHrYwD',
    description: 'To be sent as `Authorization: Bearer <access_token>`.',
  })
  access_token!: string

  @ApiProperty({
    example: '3f6c1c1e-6f0d-4a5e-9d0a-5f1f6a7f1b11',
    description: 'The application it was issued to.',
  })
  client_id!: string

  @ApiProperty({
    type: 'integer',
    example: 1795420800,
    description: 'When it ends, in seconds since 1970-01-01T00:00:00Z.',
  })
  expires_at!: number

  @ApiProperty({ type: 'integer', example: 900, description: 'For how many seconds it is good.' })
  expires_in!: number

  @ApiProperty({ example: 'api', description: 'The scopes it was issued with.' })
  scope!: string

  @ApiProperty({ enum: ['Bearer'], description: 'How it is to be sent.' })
  token_type!: 'Bearer'
}
