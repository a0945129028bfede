import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs'
import { type ClientContext } from '../../../kernel/index.js'
import { AccessTokens } from '../../access-tokens.js'

/** End a token of the project. Tells whether it was live. */
export class RevokeTokenCommand extends Command<boolean> {
  constructor(
    readonly context: ClientContext,
    readonly token: string,
  ) {
    super()
  }
}

@CommandHandler(RevokeTokenCommand)
export class RevokeTokenHandler implements ICommandHandler<RevokeTokenCommand> {
  constructor(private readonly tokens: AccessTokens) {}

  execute({ context, token }: RevokeTokenCommand): Promise<boolean> {
    return this.tokens.revoke(context, token)
  }
}
