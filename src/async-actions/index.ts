export { AsyncActionsModule } from './async-actions.module.js'
export { ASYNC_ACTION_EVENT_TYPES } from './domain/async-action.events.js'
export { ASYNC_ACTIONS_PROJECTION } from './rebuild/async-actions-projection.js'
export { type Subject } from './domain/erase-outcomes.js'
export { type PayloadEraser, PayloadErasers, type StoredContent } from './erase/payload-erasers.js'
export { TraceEraser, type Traces } from './erase/trace-eraser.js'
export {
  type AppliedChunk,
  type ChunkContext,
  type ChunkHandler,
  ChunkHandlers,
  UnreadablePayloadError,
} from './run/chunk-handler.js'
export { type PackedChunk, type Payload, type PayloadChunk } from './schedule/async-action-payload.js'
export { type Acceptance, AsyncActionScheduler } from './schedule/async-action-scheduler.js'
export { type IdempotencyKey } from './schedule/idempotency-keys.js'
export { answerAccepted } from './status/answer-accepted.js'
export { AsyncActionIdDto } from './status/async-action-id.dto.js'
export { type ResultShape, ResultShapes } from './status/result-shapes.js'
