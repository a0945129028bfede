import { type NextFunction, type Request, type Response } from 'express'
import { newRequestId } from '../kernel/index.js'

export const REQUEST_ID_HEADER = 'X-Voucherify-Request-Id'

declare module 'express-serve-static-core' {
  interface Request {
    /** `v-…`, given by us to every request and shown in its answer. */
    requestId: string
  }
}

/** Names every request; one that a client sends is not taken over. */
export function nameRequest(request: Request, response: Response, next: NextFunction): void {
  request.requestId = newRequestId()
  response.setHeader(REQUEST_ID_HEADER, request.requestId)
  next()
}
