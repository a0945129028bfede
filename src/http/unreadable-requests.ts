import { type IncomingMessage, type Server, type ServerResponse, STATUS_CODES } from 'node:http'
import { type Socket } from 'node:net'
import { newRequestId } from '../kernel/index.js'
import { REQUEST_ID_HEADER } from './request-id.middleware.js'
import { holdGoAhead } from './uploads/go-ahead.js'

/** What Node's parser tells of a request that never became one. */
type ParserError = Error & { readonly code?: string }

interface Refusal {
  readonly status: number
  readonly key: string
  readonly message: string
  readonly details: string
}

const MALFORMED: Refusal = {
  status: 400,
  key: 'invalid_request',
  message: 'Invalid request',
  details: 'This is no well-formed HTTP request.',
}

const REFUSALS: Readonly<Record<string, Refusal>> = {
  HPE_HEADER_OVERFLOW: {
    status: 431,
    key: 'headers_too_large',
    message: 'Request header fields too large',
    details: 'Request line and headers may have 16,384 bytes together.',
  },
  ERR_HTTP_REQUEST_TIMEOUT: {
    status: 408,
    key: 'request_timeout',
    message: 'Request timeout',
    details: 'The request did not arrive in time.',
  },
}

/**
 * Gives what Node refuses before the application hears of it the shape of all other errors, and an id; and lets a
 * client that asks (`Expect: 100-continue`) keep a body that is refused, or has to wait, before it is read.
 */
export function answerUnreadableRequests(server: Server): void {
  server.on('clientError', refuse)
  server.on('checkContinue', (request: IncomingMessage, response: ServerResponse) => {
    holdGoAhead(request, response)
    server.emit('request', request, response)
  })
}

function refuse(error: ParserError, socket: Socket): void {
  const { _httpMessage: begun } = socket as { _httpMessage?: ServerResponse }
  // What comes behind a whole request is no request: the one before is carried out, and its answer must be its own.
  if (begun?.req.complete === true && !begun.writableFinished) {
    begun.shouldKeepAlive = false
    begun.once('close', () => {
      socket.destroySoon()
    })
    return
  }
  // As Node does it by itself: an answer that has begun must not get another one in its middle.
  if (socket.writable && begun?.headersSent !== true) {
    socket.write(answerTo(REFUSALS[error.code ?? ''] ?? MALFORMED))
  }
  socket.destroySoon()
}

function answerTo({ status, key, message, details }: Refusal): string {
  const requestId = newRequestId()
  const body = JSON.stringify({ code: status, key, message, details, request_id: requestId })
  return [
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}`,
    'Connection: close',
    'Content-Type: application/json; charset=utf-8',
    'X-Content-Type-Options: nosniff',
    `Content-Length: ${Buffer.byteLength(body)}`,
    `${REQUEST_ID_HEADER}: ${requestId}`,
    '',
    body,
  ].join('\r\n')
}
