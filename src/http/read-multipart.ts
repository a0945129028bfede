import { Busboy, type BusboyFileStream, type BusboyHeaders, type BusboyInstance } from '@fastify/busboy'
import { type Request } from 'express'
import { invalidPayload } from '../kernel/index.js'
import { Interruption } from './uploads/interruption.js'
import {
  declaredLength,
  MAX_BODY_BYTES,
  payloadTooLarge,
  piecesOf,
  refuseCompressed,
  type SeePiece,
  unsupported,
} from './read-body.js'

/** What a form may have around its file, in bytes: boundaries, headers of parts, fields that nobody asked for. */
const WRAPPING_BYTES = 65_536
/** What a form with a file may have in all. */
export const MAX_FORM_BYTES = MAX_BODY_BYTES + WRAPPING_BYTES
const MAX_PARTS = 100
const MAX_PART_HEADER_BYTES = 16_384

/**
 * The bytes of the file that a multipart form has in its part `name`, of whatever type, gathered once in a buffer of
 * their own, so that they can be handed to another thread without a copy. Other parts are passed over, and `see` is
 * given nothing of them. To be called after authentication: nothing of the body is read before.
 */
export async function readUploadedFile(request: Request, name: string, see?: SeePiece): Promise<Uint8Array> {
  if (!/^multipart\/form-data\s*(;|$)/i.test(request.headers['content-type'] ?? '')) {
    throw unsupported('Send multipart/form-data.')
  }
  refuseCompressed(request)
  const declared = declaredLength(request)
  if (declared !== undefined && declared > MAX_FORM_BYTES) throw payloadTooLarge()
  const upload = new Upload(name, Math.min(declared ?? MAX_BODY_BYTES, MAX_BODY_BYTES), see)
  await feed(request, parserOf(request, upload), upload)
  return upload.bytes()
}

/** The one file of a form, as it comes in. */
class Upload {
  private body: Buffer | undefined
  private size = 0
  private readonly interruption = new Interruption()
  /** Called when the form is to be refused. */
  readonly refuse = this.interruption.interrupt

  constructor(
    private readonly name: string,
    private readonly capacity: number,
    private readonly see: SeePiece = () => undefined,
  ) {}

  /** What the parser's work comes to, unless the form is refused before. */
  wait(work: Promise<void>): Promise<void> {
    return this.interruption.wait(work)
  }

  /** A part begins; every part must be read to its end, for the next to begin. */
  readonly take = (name: string | undefined, part: BusboyFileStream): void => {
    part.on('error', refusedBy(this))
    if (name !== this.name) {
      part.resume()
      return
    }
    if (this.body !== undefined)
      this.refuse(invalidPayload(`Payload should have one part '${this.name}' only`))
    const body = (this.body ??= Buffer.allocUnsafeSlow(this.capacity))
    part.on('data', (piece: Buffer) => {
      this.see(piece)
      if (this.size + piece.length > body.length) this.refuse(payloadTooLarge())
      else this.size += piece.copy(body, this.size)
    })
  }

  bytes(): Uint8Array {
    if (this.body === undefined) throw invalidPayload(`Payload should have required property '${this.name}'`)
    return this.body.subarray(0, this.size)
  }
}

function parserOf(request: Request, upload: Upload): BusboyInstance {
  try {
    const parser = new Busboy({
      headers: request.headers as BusboyHeaders,
      isPartAFile: () => true,
      limits: { parts: MAX_PARTS, headerSize: MAX_PART_HEADER_BYTES },
    })
    return parser
      .on('file', upload.take)
      .on('error', refusedBy(upload))
      .on('partsLimit', () => {
        upload.refuse(invalidPayload(`Payload should not have more than ${MAX_PARTS} parts`))
      })
  } catch {
    throw invalidPayload('The Content-Type of the request names no boundary')
  }
}

/** Hands the body to the parser, never faster than it takes it; resolves when the parser has come to its end. */
async function feed(request: Request, parser: BusboyInstance, upload: Upload): Promise<void> {
  const finished = new Promise<void>((resolve) => parser.once('finish', resolve))
  let read = 0
  for await (const piece of piecesOf(request)) {
    read += piece.length
    if (read > MAX_FORM_BYTES) throw payloadTooLarge()
    const taken = new Promise<void>((resolve) => {
      parser.write(piece, () => {
        resolve()
      })
    })
    await upload.wait(taken)
  }
  parser.end()
  await upload.wait(finished)
}

const refusedBy = (upload: Upload) => (): void => {
  upload.refuse(invalidPayload('The multipart form ends too early, or has another boundary than it says'))
}
