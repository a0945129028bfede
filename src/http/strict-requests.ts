import { type NextFunction, type Request, type Response } from 'express'
import { type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { RequestError } from '../kernel/index.js'

/** Of two, Node takes one and drops the other, or joins them: who reads the same request elsewhere may choose otherwise. */
const SINGLE = [
  'authorization',
  'content-encoding',
  'content-type',
  'expect',
  'host',
  'transfer-encoding',
  'x-app-id',
  'x-app-token',
]

/** Lets what {@link refuseAmbiguous} has to see get as far as that, instead of being dropped or answered by Node. */
export function leaveRefusalsToUs(server: Server): void {
  // Beyond 2,000 Node would leave out headers without a word. 0 keeps all: in 16 kB there are 4,000 at most.
  server.maxHeadersCount = 0
  Object.assign(server, { requireHostHeader: false })
  server.on('checkExpectation', (request: IncomingMessage, response: ServerResponse) => {
    server.emit('request', request, response)
  })
}

/** Refuses what others may read in another way than we do, and ends the connection, on which more of it may follow. */
export function refuseAmbiguous(request: Request, response: Response, next: NextFunction): void {
  const refusal = doubled(request) ?? untransferable(request) ?? unexpected(request)
  if (refusal !== undefined) response.setHeader('Connection', 'close')
  next(refusal)
}

const invalid = (details: string): RequestError =>
  new RequestError(400, 'invalid_request', 'Invalid request', details)

function doubled({ rawHeaders, headers, httpVersion }: Request): RequestError | undefined {
  const names = rawHeaders.filter((_, index) => index % 2 === 0).map((name) => name.toLowerCase())
  const twice = SINGLE.find((name) => names.indexOf(name) !== names.lastIndexOf(name))
  if (twice !== undefined) return invalid(`The header ${twice} may be sent once.`)
  return headers.host === undefined && httpVersion === '1.1' ? invalid('Send the header host.') : undefined
}

function untransferable({ headers: { 'transfer-encoding': coding } }: Request): RequestError | undefined {
  if (coding === undefined || coding.trim().toLowerCase() === 'chunked') return undefined
  return invalid('Of the codings of Transfer-Encoding chunked is understood, alone.')
}

function unexpected({ headers: { expect } }: Request): RequestError | undefined {
  if (expect === undefined || expect.trim().toLowerCase() === '100-continue') return undefined
  const details = 'Of all that Expect may ask for, 100-continue is understood.'
  return new RequestError(417, 'expectation_failed', 'Expectation failed', details)
}
