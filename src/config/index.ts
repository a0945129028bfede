export { API_POOL_SIZE, connectionsOf, WORKER_SESSION, workerPoolSize } from './connections.js'
export { ConfigModule } from './config.module.js'
export { isSecureUrl } from './secure-url.js'
export { loadSettings, type Role, SETTING_NAMES, Settings, SettingsError, variableOf } from './settings.js'
