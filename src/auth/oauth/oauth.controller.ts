import {
  Body,
  Controller,
  HttpCode,
  Post,
  Res,
  UseGuards,
  UseInterceptors,
  ValidationPipe,
} from '@nestjs/common'
import { CommandBus, QueryBus } from '@nestjs/cqrs'
import {
  ApiBody,
  ApiConsumes,
  ApiNoContentResponse,
  ApiOkResponse,
  ApiOperation,
  ApiResponse,
  ApiSecurity,
  ApiTags,
} from '@nestjs/swagger'
import { type Response } from 'express'
import { type ClientContext } from '../../kernel/index.js'
import { Public } from '../scopes.js'
import { ClientGuard } from './client/client.guard.js'
import { AuthenticatedClient } from './client/oauth-client.js'
import { FormInterceptor } from './form/form.interceptor.js'
import { type NamedToken, TokenForm, TokenPipe } from './form/token.form.js'
import { IntrospectedTokenDto } from './introspect/introspect-token.dto.js'
import { IntrospectTokenQuery } from './introspect/introspect-token.query.js'
import { grantOrScopeMissing, IssueTokenCommand } from './issue/issue-token.command.js'
import { AccessTokenDto, IssueTokenDto } from './issue/issue-token.dto.js'
import { OAuthErrors } from './oauth-error.dto.js'
import { RevokeTokenCommand } from './revoke/revoke-token.command.js'

const CLIENT = 'The client names itself by `X-App-Id` and `X-App-Token`, or by HTTP Basic with the same pair.'

/** What an application does with its access tokens: gets, asks about and ends them. */
@ApiTags('OAuth')
@ApiSecurity({ 'X-App-Id': [], 'X-App-Token': [] })
@ApiSecurity('basic')
@Public()
@UseGuards(ClientGuard)
@UseInterceptors(FormInterceptor)
@Controller('v1/oauth')
export class OAuthController {
  constructor(
    private readonly commands: CommandBus,
    private readonly queries: QueryBus,
  ) {}

  @Post('token')
  @HttpCode(200)
  @ApiOperation({
    operationId: 'generateOAuthToken',
    summary: 'Get an access token',
    description: `${CLIENT} The token is good for 900 seconds. A project may have 1,000 live ones.`,
  })
  @ApiConsumes('application/x-www-form-urlencoded')
  @ApiOkResponse({ type: AccessTokenDto, description: 'The token; it is not shown again.' })
  @OAuthErrors(429)
  issueToken(
    @AuthenticatedClient() context: ClientContext,
    @Body(new ValidationPipe({ expectedType: IssueTokenDto, exceptionFactory: grantOrScopeMissing }))
    { grant_type: grantType, scope }: IssueTokenDto,
  ): Promise<AccessTokenDto> {
    return this.commands.execute(new IssueTokenCommand(context, grantType, scope))
  }

  @Post('introspect')
  @HttpCode(200)
  @ApiOperation({
    operationId: 'introspectOAuthToken',
    summary: 'Ask what an access token is good for',
    description: `${CLIENT} Of tokens that have ended, were revoked, or belong to another project it only says that they are not active.`,
  })
  @ApiConsumes('application/x-www-form-urlencoded')
  @ApiBody({ type: TokenForm })
  @ApiOkResponse({
    type: IntrospectedTokenDto,
    description: 'What the token is good for, or that it is not active.',
  })
  @OAuthErrors()
  introspect(
    @AuthenticatedClient() { projectId }: ClientContext,
    @Body(TokenPipe) { token }: NamedToken,
  ): Promise<IntrospectedTokenDto> {
    return this.queries.execute(new IntrospectTokenQuery(projectId, token))
  }

  @Post('token/revoke')
  @HttpCode(204)
  @ApiOperation({
    operationId: 'revokeOAuthToken',
    summary: 'End an access token',
    description: `${CLIENT} The token stops working within five seconds. Sent as \`token\`, the answer is 200 in any case, as RFC 7009 has it.`,
  })
  @ApiConsumes('application/x-www-form-urlencoded')
  @ApiBody({ type: TokenForm })
  @ApiNoContentResponse({ description: 'The token was live and is ended.' })
  @ApiResponse({ status: 200, description: 'The token was sent as `token`; it is not live, or no longer.' })
  @ApiResponse({ status: 404, description: 'The project has no such live token. The body is empty.' })
  @OAuthErrors()
  async revoke(
    @AuthenticatedClient() context: ClientContext,
    @Body(TokenPipe) { token, standardName }: NamedToken,
    @Res({ passthrough: true }) response: Response,
  ): Promise<void> {
    const wasLive = await this.commands.execute(new RevokeTokenCommand(context, token))
    if (standardName) response.status(200)
    else if (!wasLive) response.status(404)
  }
}
