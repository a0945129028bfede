import { type IncomingMessage, type ServerResponse } from 'node:http'

const waiting = new WeakMap<IncomingMessage, () => void>()

/**
 * Lets a client that asks (`Expect: 100-continue`) keep its body until somebody wants to read it. One that is answered
 * before may send it all the same, or not: what comes next on the connection cannot be known, so it is closed.
 */
export function holdGoAhead(request: IncomingMessage, response: ServerResponse): void {
  const { shouldKeepAlive } = response
  response.shouldKeepAlive = false
  waiting.set(request, () => {
    response.shouldKeepAlive = shouldKeepAlive
    response.writeContinue()
  })
}

/** Tells a client that waits for it to send its body. To be called before it is read. */
export function goAhead(request: IncomingMessage): void {
  waiting.get(request)?.()
  waiting.delete(request)
}
