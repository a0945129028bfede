import { type NextFunction, type Request, type Response } from 'express'

/** Whatever these endpoints answer, errors too, is for the caller alone. */
export function noStore(_: Request, response: Response, next: NextFunction): void {
  response.set({ 'Cache-Control': 'no-store', Pragma: 'no-cache' })
  next()
}
