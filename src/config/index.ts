export { APP_ID_RULE, APP_TOKEN_RULE } from './app-key-rules.js'
export {
  API_POOL_SIZE,
  CHUNKS_IN_FLIGHT,
  connectionsOf,
  WORKER_SESSION,
  workerConnections,
  workerPoolSize,
} from './connections.js'
export { ConfigModule } from './config.module.js'
export { isSecureUrl } from './secure-url.js'
export {
  loadSettings,
  LOG_LEVELS,
  type Role,
  SETTING_NAMES,
  Settings,
  SettingsError,
  variableOf,
} from './settings.js'
export { isWeakToken, TOO_WEAK } from './weak-secrets.js'
