import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs'
import { type ClientContext } from '../../../kernel/index.js'
import { AccessTokens, TOKEN_LIFETIME_SECONDS } from '../../access-tokens.js'
import { type Scope, SCOPES } from '../../scopes.js'
import { missingParameters, oauthError } from '../oauth-error.js'
import { type AccessTokenDto } from './issue-token.dto.js'

/** Give an application, whose keys have been checked, an access token. */
export class IssueTokenCommand extends Command<AccessTokenDto> {
  constructor(
    readonly context: ClientContext,
    readonly grantType: string,
    /** Separated by spaces. */
    readonly scope: string,
  ) {
    super()
  }
}

@CommandHandler(IssueTokenCommand)
export class IssueTokenHandler implements ICommandHandler<IssueTokenCommand> {
  constructor(private readonly tokens: AccessTokens) {}

  async execute({ context, grantType, scope }: IssueTokenCommand): Promise<AccessTokenDto> {
    if (grantType !== 'client_credentials')
      throw oauthError('unsupported_grant_type', 400, 'invalid_grant_type', 'Invalid grant_type', {
        details: 'Send grant_type=client_credentials.',
      })
    const scopes = readScopes(scope)
    const { token, expiresAt } = await this.tokens.issue(context, scopes)
    return {
      access_token: token,
      client_id: context.client,
      expires_at: expiresAt,
      expires_in: TOKEN_LIFETIME_SECONDS,
      scope: scopes.join(' '),
      token_type: 'Bearer',
    }
  }
}

function readScopes(scope: string): Scope[] {
  const wanted = [...new Set(scope.split(' ').filter((name) => name !== ''))]
  const unknown = wanted.filter((name) => !(SCOPES as readonly string[]).includes(name)).join(',')
  if (unknown !== '')
    throw oauthError('invalid_scope', 400, 'invalid_scope', `Invalid scope: ${unknown}`, {
      details: `There is no scope ${unknown}; send one or more of ${SCOPES.join(', ')}, separated by spaces.`,
    })
  if (wanted.length === 0) throw grantOrScopeMissing()
  return wanted as Scope[]
}

export const grantOrScopeMissing = (): Error => missingParameters('Send grant_type and scope, form-encoded.')
