import { ApiHeader } from '@nestjs/swagger'
import { type Request } from 'express'
import { createHash } from 'node:crypto'
import { RequestError } from '../kernel/index.js'

const LONGEST_KEY = 255

/** Says of an answer that it was given before: nothing was done this time. */
export const REPLAY_HEADER = 'Idempotent-Replayed'

/** For the OpenAPI document: what the answer to a repeated request has more than the first. */
export const REPLAY_HEADERS = {
  [REPLAY_HEADER]: {
    description:
      'Extension: `true` when the request repeats an earlier one, and the answer is that of the earlier one. Otherwise absent.',
    schema: { type: 'string', enum: ['true'] },
  },
}

/** Documents the header by which a client may repeat a request without having it done twice. */
export const ApiIdempotencyKey = (): MethodDecorator & ClassDecorator =>
  ApiHeader({
    name: 'Idempotency-Key',
    required: false,
    description:
      'Extension: names the request, so that it may be repeated when its answer was lost. The same key with the same content has the same answer for 7 days, and the request is carried out once. 1 to 255 visible ASCII characters, such as a UUID; double quotes around it are not part of it.',
    schema: { type: 'string', minLength: 1, maxLength: LONGEST_KEY },
  })

/** A request under a key of its client's. What it carries is hashed as it comes in: 10 MB at once took up to 10 ms. */
export class KeyedContent {
  private readonly hash = createHash('sha256')

  constructor(private readonly key: string) {}

  /** To be given everything that counts as content, in order. */
  readonly take = (piece: Uint8Array): void => {
    this.hash.update(piece)
  }

  /** The key, and the SHA-256 of all that was taken. To be called once, at the end. */
  seal(): { key: string; contentHash: Uint8Array } {
    return { key: this.key, contentHash: this.hash.digest() }
  }
}

/** Undefined when the client names no key; throws the 400 of one that cannot be. To be called before the body is read. */
export function keyedContentOf(request: Request): KeyedContent | undefined {
  const { 'idempotency-key': values } = request.headersDistinct
  if (values === undefined) return undefined
  const [value = '', ...more] = values
  const key = value.startsWith('"') ? unquoted(value) : value
  if (more.length > 0 || key === undefined || !isKey(key)) throw invalidKey()
  return new KeyedContent(key)
}

/** As drafts of the standard have it: a string in the notation of structured fields (RFC 8941). */
function unquoted(value: string): string | undefined {
  const [, content] = /^"((?:[^"\\]|\\["\\])*)"$/.exec(value) ?? []
  return content?.replace(/\\(.)/g, '$1')
}

/** No spaces: what a proxy made of two headers, `a, b`, is no key. */
const isKey = (key: string): boolean => key.length <= LONGEST_KEY && /^[\x21-\x7e]+$/.test(key)

const invalidKey = (): RequestError =>
  new RequestError(
    400,
    'invalid_idempotency_key',
    'Invalid idempotency key',
    `Idempotency-Key must be given once and have 1 to ${LONGEST_KEY} visible ASCII characters, without spaces`,
  )
