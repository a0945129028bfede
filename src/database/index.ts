export {
  int4Array,
  readInt4Array,
  readTidArray,
  readTimestamptzArray,
  textArray,
  tidArray,
  timestamptzArray,
} from './binary-array.js'
export { type ConnectionOptions, createDataSource } from './data-source.js'
export {
  forLog,
  forLogWithPlace,
  isContention,
  isNowhere,
  isOutage,
  isRefused,
  isTimeout,
  isUniqueViolation,
  isUnmigrated,
} from './database-errors.js'
export { DatabaseModule } from './database.module.js'
export { Database } from './database.js'
export { fromInstant, toInstant } from './instants.js'
export { migrate } from './migrate.js'
export { type Row, Session, together } from './session.js'
export { sayGoodbye, withClient } from './with-client.js'
