import { Body, Controller, Header, HttpCode, Post, Req, ValidationPipe } from '@nestjs/common'
import { CommandBus } from '@nestjs/cqrs'
import { ApiConsumes, ApiOkResponse, ApiOperation, ApiSecurity, ApiTags } from '@nestjs/swagger'
import { type Request } from 'express'
import { ApiErrors } from '../../http/index.js'
import { unauthorized } from '../../kernel/index.js'
import { ApiKeys } from '../../projects/index.js'
import { Public } from '../scopes.js'
import { clientCredentialsOf } from './client-credentials.js'
import { IssueTokenCommand, missingParameters } from './issue-token.command.js'
import { AccessTokenDto, IssueTokenDto } from './issue-token.dto.js'

const CHALLENGE = 'Basic realm="rollcall"'

@ApiTags('OAuth')
@Public()
@Controller('v1/oauth')
export class OAuthController {
  constructor(
    private readonly commands: CommandBus,
    private readonly keys: ApiKeys,
  ) {}

  @Post('token')
  @HttpCode(200)
  @Header('Cache-Control', 'no-store')
  @ApiOperation({
    operationId: 'generateOAuthToken',
    summary: 'Get an access token',
    description:
      'The client names itself by `X-App-Id` and `X-App-Token`, or by HTTP Basic with the same pair. The token is good for 900 seconds.',
  })
  @ApiConsumes('application/x-www-form-urlencoded')
  @ApiSecurity({ 'X-App-Id': [], 'X-App-Token': [] })
  @ApiOkResponse({ type: AccessTokenDto, description: 'The token; it is not shown again.' })
  @ApiErrors(400, 401)
  async issueToken(
    @Req() request: Request,
    @Body(new ValidationPipe({ expectedType: IssueTokenDto, exceptionFactory: missingParameters }))
    { grant_type: grantType, scope }: IssueTokenDto,
  ): Promise<AccessTokenDto> {
    const { appId, projectId } = await this.authenticate(request)
    return this.commands.execute(new IssueTokenCommand(projectId, appId, grantType, scope))
  }

  private async authenticate(request: Request): Promise<{ appId: string; projectId: string }> {
    const client = clientCredentialsOf(request)
    if (client === undefined) throw unauthorized(CHALLENGE)
    const projectId = await this.keys.projectOf(client.appId, client.appToken)
    if (projectId === undefined) throw unauthorized(CHALLENGE)
    return { appId: client.appId, projectId }
  }
}
