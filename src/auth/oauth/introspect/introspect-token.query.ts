import { type IQueryHandler, Query, QueryHandler } from '@nestjs/cqrs'
import { AccessTokens, TOKEN_LIFETIME_SECONDS } from '../../access-tokens.js'
import { type IntrospectedTokenDto } from './introspect-token.dto.js'

/** What a token of the project is good for. */
export class IntrospectTokenQuery extends Query<IntrospectedTokenDto> {
  constructor(
    readonly projectId: string,
    readonly token: string,
  ) {
    super()
  }
}

@QueryHandler(IntrospectTokenQuery)
export class IntrospectTokenHandler implements IQueryHandler<IntrospectTokenQuery> {
  constructor(private readonly tokens: AccessTokens) {}

  async execute({ projectId, token }: IntrospectTokenQuery): Promise<IntrospectedTokenDto> {
    const found = await this.tokens.find(projectId, token)
    if (found === undefined) return { active: false }
    const { appId, scope, expiresAt, expiresIn } = found
    return {
      access_token: token,
      client_id: appId,
      expires_at: expiresAt,
      expires_in: expiresIn,
      scope,
      token_type: 'Bearer',
      active: true,
      exp: expiresAt,
      iat: expiresAt - TOKEN_LIFETIME_SECONDS,
    }
  }
}
