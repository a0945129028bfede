import { type MiddlewareConsumer, Module, type NestModule } from '@nestjs/common'
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
import { DiscoveryController } from './oauth/discovery/discovery.controller.js'
import { IntrospectTokenHandler } from './oauth/introspect/introspect-token.query.js'
import { IssueTokenHandler } from './oauth/issue/issue-token.command.js'
import { noStore } from './oauth/no-store.middleware.js'
import { OAuthController } from './oauth/oauth.controller.js'
import { RevokeTokenHandler } from './oauth/revoke/revoke-token.command.js'
import { OutsideTokens } from './outside/outside-tokens.js'

@Module({
  imports: [PassportModule, ProjectsModule, RateLimitsModule, TypeOrmModule.forFeature([AccessToken])],
  controllers: [OAuthController, DiscoveryController],
  providers: [
    AccessTokens,
    AppKeysStrategy,
    BearerStrategy,
    IntrospectTokenHandler,
    IssueTokenHandler,
    OutsideTokens,
    RevokeTokenHandler,
    { provide: APP_GUARD, useClass: CredentialsGuard },
  ],
})
export class AuthModule implements NestModule {
  configure(consumer: MiddlewareConsumer): void {
    consumer.apply(noStore).forRoutes(OAuthController)
  }
}
