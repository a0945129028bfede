import { type Request } from 'express'
import { isUtf8 } from 'node:buffer'
import {
  hasMoreProperties,
  invalidPayload,
  isJsonObject,
  type JsonObject,
  placeOfFault,
  RequestError,
} from '../kernel/index.js'
import { goAhead } from './uploads/go-ahead.js'
import { Interruption } from './uploads/interruption.js'
import { Pace } from './uploads/pace.js'

/** What a request may carry, in bytes. */
export const MAX_BODY_BYTES = 10_485_760

/** What a request about one thing may carry, in bytes: more than its fields hold, and parsed in a few milliseconds. */
export const MAX_OBJECT_BYTES = 2_097_152

/**
 * What the objects of such a request may have together. A customer has twenty, and its metadata five thousand; with
 * 175,000, which is what fits in, it took the parser 190 ms, in which nobody else was served.
 */
const MAX_PROPERTIES = 20_000

/** Is given each piece of a body as it comes in. */
export type SeePiece = (piece: Uint8Array) => void

export interface ReadOptions {
  /** Most bytes that the body may have, by default {@link MAX_BODY_BYTES}. */
  readonly maxBytes?: number
  readonly see?: SeePiece | undefined
}

/**
 * The bytes of a JSON request in a buffer of its own, so that they can be handed to another thread without a copy.
 * To be called after authentication: nothing of the body is read before.
 */
export async function readJsonBytes(
  request: Request,
  { maxBytes = MAX_BODY_BYTES, see }: ReadOptions = {},
): Promise<Uint8Array> {
  requireJson(request)
  const declared = declaredLength(request)
  if (declared !== undefined && declared > maxBytes) throw payloadTooLarge(maxBytes)
  return declared === undefined ? readUnknown(request, maxBytes, see) : readDeclared(request, declared, see)
}

/** The object that a JSON request of at most {@link MAX_OBJECT_BYTES} is. To be called after authentication. */
export async function readJsonObject(request: Request): Promise<JsonObject> {
  const bytes = await readJsonBytes(request, { maxBytes: MAX_OBJECT_BYTES })
  if (bytes.length === 0) throw invalidPayload('Payload should be an object, but the body is empty')
  if (!isUtf8(bytes)) throw invalidPayload('Payload is not valid UTF-8')
  if (hasMoreProperties(bytes, MAX_PROPERTIES))
    throw invalidPayload(`Payload should not have more than ${MAX_PROPERTIES} properties`)
  const value = parse(bytes)
  if (!isJsonObject(value)) throw invalidPayload('Payload should be an object')
  return value
}

/** The parser's own words would repeat the payload. */
function parse(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(bytes)) as unknown
  } catch {
    throw invalidPayload(`Payload is not valid JSON at ${placeOfFault(bytes)}`)
  }
}

function requireJson(request: Request): void {
  const { 'content-type': type = '' } = request.headers
  if (!/^application\/json\s*(;\s*charset\s*=\s*"?utf-?8"?\s*)?$/i.test(type)) {
    throw unsupported('Send application/json in UTF-8.')
  }
  refuseCompressed(request)
}

/** Bodies are limited by what they are, not by what they unfold to. */
export function refuseCompressed(request: Request): void {
  const { 'content-encoding': encoding = 'identity' } = request.headers
  if (encoding.toLowerCase() !== 'identity') throw unsupported('Send the body uncompressed.')
}

export const unsupported = (details: string): RequestError =>
  new RequestError(415, 'unsupported_media_type', 'Unsupported media type', details)

/** Bytes that the body has as the request says; undefined when it comes in pieces. */
export function declaredLength(request: Request): number | undefined {
  const { 'content-length': length } = request.headers
  return length === undefined ? undefined : Number(length)
}

async function readDeclared(request: Request, length: number, see?: SeePiece): Promise<Uint8Array> {
  const body = Buffer.allocUnsafeSlow(length)
  let read = 0
  for await (const piece of seenPiecesOf(request, see)) read += piece.copy(body, read)
  if (read !== length) throw cutShort()
  return body
}

/** A chunked upload tells its size only at its end. */
async function readUnknown(request: Request, maxBytes: number, see?: SeePiece): Promise<Uint8Array> {
  const body = Buffer.allocUnsafeSlow(maxBytes) // what of it is not written to takes no memory
  let read = 0
  for await (const piece of seenPiecesOf(request, see)) {
    if (read + piece.length > maxBytes) throw payloadTooLarge(maxBytes)
    read += piece.copy(body, read)
  }
  return body.subarray(0, read)
}

async function* seenPiecesOf(request: Request, see?: SeePiece): AsyncGenerator<Buffer> {
  for await (const piece of piecesOf(request)) {
    see?.(piece)
    yield piece
  }
}

/**
 * The body as it comes in; a 408 when it does so too slowly. Leaving the loop early must not close the connection,
 * because the answer still has to be written to it; what the client goes on sending is thrown away, so that it gets to
 * read the answer.
 */
export async function* piecesOf(request: Request): AsyncGenerator<Buffer> {
  goAhead(request)
  const pieces = request.iterator({ destroyOnReturn: false }) as AsyncGenerator<Buffer, void>
  const interruption = new Interruption()
  const pace = new Pace(() => {
    interruption.interrupt(tooSlow())
  })
  const hurry = (): void => {
    interruption.interrupt(request.hurry.reason as RequestError)
  }
  request.hurry.addEventListener('abort', hurry)
  try {
    for (;;) {
      const next = await interruption.wait(pieces.next())
      if (next.done === true) return
      pace.arrived(next.value.length)
      yield next.value
    }
  } catch (error) {
    // The client went away in the middle: nobody's fault, and nobody to tell.
    throw request.destroyed ? cutShort() : error
  } finally {
    pace.end()
    request.hurry.removeEventListener('abort', hurry)
    // Not waited for: it ends with the next piece, which may never come.
    void pieces
      .return()
      .catch(() => undefined)
      .finally(() => request.resume())
  }
}

const tooSlow = (): RequestError =>
  new RequestError(408, 'request_timeout', 'Request timeout', 'The request did not arrive in time.', {
    headers: { Connection: 'close' },
  })

export const payloadTooLarge = (maximum = MAX_BODY_BYTES): RequestError =>
  new RequestError(413, undefined, `Payload content length greater than maximum allowed: ${maximum}`)

export const cutShort = (): RequestError => invalidPayload('The body ended before its declared length.')
