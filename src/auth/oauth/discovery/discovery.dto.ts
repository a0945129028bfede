import { ApiProperty } from '@nestjs/swagger'

/** What an OAuth client has to know of the issuer of our own tokens (RFC 8414). */
export class AuthorizationServerDto {
  @ApiProperty({ example: 'https://rollcall.example.com', description: 'The base address of this API.' })
  issuer!: string

  @ApiProperty({ description: 'Where access tokens are got.' })
  token_endpoint!: string

  @ApiProperty({ description: 'Where access tokens are asked about.' })
  introspection_endpoint!: string

  @ApiProperty({ description: 'Where access tokens are ended.' })
  revocation_endpoint!: string

  @ApiProperty({
    example: ['api', 'customers', 'async-actions'],
    description: 'What a token can be asked for.',
  })
  scopes_supported!: string[]

  @ApiProperty({ example: [], description: 'Empty: there is no authorization endpoint.' })
  response_types_supported!: string[]

  @ApiProperty({ example: ['client_credentials'], description: 'How a token can be got.' })
  grant_types_supported!: string[]

  @ApiProperty({
    example: ['client_secret_basic'],
    description: 'How clients name themselves to get tokens.',
  })
  token_endpoint_auth_methods_supported!: string[]

  @ApiProperty({
    example: ['client_secret_basic'],
    description: 'How clients name themselves to ask about tokens.',
  })
  introspection_endpoint_auth_methods_supported!: string[]

  @ApiProperty({
    example: ['client_secret_basic'],
    description: 'How clients name themselves to end tokens.',
  })
  revocation_endpoint_auth_methods_supported!: string[]

  @ApiProperty({ description: 'Where the API can be read about and tried.' })
  service_documentation!: string
}

/** What an OAuth client has to know of this API (RFC 9728). */
export class ProtectedResourceDto {
  @ApiProperty({ example: 'https://rollcall.example.com', description: 'The base address of this API.' })
  resource!: string

  @ApiProperty({
    example: ['https://rollcall.example.com'],
    description: 'Whose tokens are taken: our own, and those of the outside issuer if one is set.',
  })
  authorization_servers!: string[]

  @ApiProperty({
    example: ['api', 'customers', 'async-actions'],
    description: 'The scopes that mean something.',
  })
  scopes_supported!: string[]

  @ApiProperty({ example: ['header'], description: 'How tokens are sent.' })
  bearer_methods_supported!: string[]

  @ApiProperty({ description: 'Where the API can be read about and tried.' })
  resource_documentation!: string
}
