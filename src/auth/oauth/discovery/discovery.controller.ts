import { Controller, Get } from '@nestjs/common'
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger'
import { Settings } from '../../../config/index.js'
import { ApiErrors, PublicAddress } from '../../../http/index.js'
import { Public, SCOPES } from '../../scopes.js'
import { AuthorizationServerDto, ProtectedResourceDto } from './discovery.dto.js'

const AUTH_METHODS = ['client_secret_basic']

/** Lets OAuth libraries configure themselves. */
@ApiTags('OAuth')
@Public()
@Controller('.well-known')
export class DiscoveryController {
  constructor(
    private readonly address: PublicAddress,
    private readonly settings: Settings,
  ) {}

  @Get('oauth-authorization-server')
  @ApiOperation({
    operationId: 'getAuthorizationServerMetadata',
    summary: 'Where and how to get tokens',
    description: 'RFC 8414. Its address is below `PUBLIC_URL`, else below the listening address.',
  })
  @ApiOkResponse({ type: AuthorizationServerDto, description: 'The endpoints and what they take.' })
  @ApiErrors()
  authorizationServer(): AuthorizationServerDto {
    const { baseUrl } = this.address
    return {
      issuer: baseUrl,
      token_endpoint: `${baseUrl}/v1/oauth/token`,
      introspection_endpoint: `${baseUrl}/v1/oauth/introspect`,
      revocation_endpoint: `${baseUrl}/v1/oauth/token/revoke`,
      scopes_supported: [...SCOPES],
      response_types_supported: [],
      grant_types_supported: ['client_credentials'],
      token_endpoint_auth_methods_supported: AUTH_METHODS,
      introspection_endpoint_auth_methods_supported: AUTH_METHODS,
      revocation_endpoint_auth_methods_supported: AUTH_METHODS,
      service_documentation: `${baseUrl}/docs`,
    }
  }

  @Get('oauth-protected-resource')
  @ApiOperation({
    operationId: 'getProtectedResourceMetadata',
    summary: 'Whose tokens are taken',
    description: 'RFC 9728.',
  })
  @ApiOkResponse({ type: ProtectedResourceDto, description: 'The issuers of tokens and the scopes.' })
  @ApiErrors()
  protectedResource(): ProtectedResourceDto {
    const { baseUrl } = this.address
    const { oauthIssuer } = this.settings
    return {
      resource: baseUrl,
      authorization_servers: [baseUrl, ...(oauthIssuer === undefined ? [] : [oauthIssuer])],
      scopes_supported: [...SCOPES],
      bearer_methods_supported: ['header'],
      resource_documentation: `${baseUrl}/docs`,
    }
  }
}
