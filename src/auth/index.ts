export { AuthModule } from './auth.module.js'
export { Client } from './principal.js'
export { Public, type Scope, SCOPES, Scopes } from './scopes.js'
