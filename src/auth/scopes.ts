import { applyDecorators, SetMetadata } from '@nestjs/common'
import { ApiSecurity } from '@nestjs/swagger'

/** What an access token may be allowed to do. API keys may do everything. */
export const SCOPES = ['api', 'customers', 'async-actions'] as const
export type Scope = (typeof SCOPES)[number]

export const SCOPES_METADATA = 'rollcall:scopes'
export const PUBLIC_METADATA = 'rollcall:public'

/** Any one of these scopes admits a token. A route without `Scopes` or `Public` admits nobody. */
export const Scopes = (...scopes: Scope[]): MethodDecorator & ClassDecorator =>
  applyDecorators(
    SetMetadata(SCOPES_METADATA, scopes),
    ApiSecurity('oauth', scopes),
    ApiSecurity({ 'X-App-Id': [], 'X-App-Token': [] }),
  )

/** The route needs no credentials, or checks its own. */
export const Public = (): MethodDecorator & ClassDecorator => SetMetadata(PUBLIC_METADATA, true)
