export { APP_ID, APP_TOKEN } from './app-keys.js'
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
export { IS_WEAK, isWeakToken } from './weak-secrets.js'
