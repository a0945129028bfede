import { Module } from '@nestjs/common'
import { APP_GUARD } from '@nestjs/core'
import { PassportModule } from '@nestjs/passport'
import { TypeOrmModule } from '@nestjs/typeorm'
import { ProjectsModule } from '../projects/index.js'
import { RateLimitsModule } from '../rate-limits/index.js'
import { AccessToken } from './access-token.entity.js'
import { AccessTokens } from './access-tokens.js'
import { AppKeysStrategy } from './app-keys.strategy.js'
import { BearerStrategy } from './bearer.strategy.js'
import { CredentialsGuard } from './credentials.guard.js'
import { IssueTokenHandler } from './oauth/issue-token.command.js'
import { OAuthController } from './oauth/oauth.controller.js'

@Module({
  imports: [PassportModule, ProjectsModule, RateLimitsModule, TypeOrmModule.forFeature([AccessToken])],
  controllers: [OAuthController],
  providers: [
    AccessTokens,
    AppKeysStrategy,
    BearerStrategy,
    IssueTokenHandler,
    { provide: APP_GUARD, useClass: CredentialsGuard },
  ],
})
export class AuthModule {}
