export { AsyncActionsModule } from './async-actions.module.js'
export {
  type AppliedChunk,
  type ChunkContext,
  type ChunkHandler,
  ChunkHandlers,
  UnreadablePayloadError,
} from './run/chunk-handler.js'
export { type Payload, type PayloadChunk } from './schedule/async-action-payload.js'
export { AsyncActionScheduler } from './schedule/async-action-scheduler.js'
export { AsyncActionIdDto } from './status/async-action-id.dto.js'
