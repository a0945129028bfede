export { ApiErrors, ErrorDto, TooLargeErrorDto } from './api-errors.js'
export { HttpModule } from './http.module.js'
export { ApiIdempotencyKey, keyedContentOf, REPLAY_HEADER, REPLAY_HEADERS } from './idempotency-key.js'
export { PublicAddress } from './public-address.js'
export {
  declaredLength,
  MAX_BODY_BYTES,
  payloadTooLarge,
  readJsonBytes,
  readJsonObject,
  refuseCompressed,
  unsupported,
} from './read-body.js'
export { readUploadedFile } from './read-multipart.js'
export { RegisteredRoutes } from './registered-routes.js'
export { nameRequest, REQUEST_ID_HEADER } from './request-id.middleware.js'
export { securityHeaders } from './security-headers.js'
export { streamText } from './stream-text.js'
export { leaveRefusalsToUs, refuseAmbiguous } from './strict-requests.js'
export { describeApi, serveDocs } from './swagger.js'
export { tidyPath } from './tidy-path.middleware.js'
export { Hurry } from './uploads/hurry.js'
export { goAhead } from './uploads/go-ahead.js'
export { UploadGate } from './uploads/upload-gate.interceptor.js'
export { answerUnreadableRequests } from './unreadable-requests.js'
export { IsDateOrDateTime, PageLimit, queryPipe } from './validation.js'
