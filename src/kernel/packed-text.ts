import { isUtf8 } from 'node:buffer'
import { createHash } from 'node:crypto'
import { brotliCompressSync, brotliDecompressSync, constants, inflateSync } from 'node:zlib'

/**
 * The most that packed bytes may stand for, or damaged ones could ask for any amount of memory. A request of
 * 10,485,760 bytes makes no larger text, even where all of it is one row: JSON writes no byte as more than six.
 */
export const MAX_UNPACKED_BYTES = 67_108_864

/** Larger than most packed texts: pieces of 16 kB, as is the default, leave up to twice as much garbage. */
const PACKED_PIECE_BYTES = 262_144

/** Larger than most texts: 10 MB in chunks took inflate 8 to 11 ms, and 16 ms in pieces of 64 kB (not measured for brotli). */
const TEXT_PIECE_BYTES = 1_048_576

/**
 * Brotli's second level. 10 MB of typical customers in chunks, milliseconds to pack and unpack, and what is left:
 * 25, 18, 16.5 %; its first level 17, 18, 21.1 %; deflate's first 38, 15, 18.2 %. The window of 256 kB is for the worker,
 * which would have one of 4 MB, the default, mapped anew for each chunk: that took it 30 to 60 ms.
 */
const PACKING = {
  chunkSize: PACKED_PIECE_BYTES,
  params: { [constants.BROTLI_PARAM_QUALITY]: 1, [constants.BROTLI_PARAM_LGWIN]: 18 },
}

/** The first byte of what is packed: zlib's own format, which rows were packed in before, has another. */
const FORM = 0x01

/** Bytes of SHA-256 that stand between the form and what they are the checksum of, because brotli has none. */
const CHECKSUM_BYTES = 8
const HEADER_BYTES = 1 + CHECKSUM_BYTES

/** Packs a text in UTF-8. What comes out has its memory to itself, so that it can be handed to another thread. */
export function pack(text: Uint8Array): Uint8Array {
  if (text.length > MAX_UNPACKED_BYTES) throw new RangeError(`${text.length} bytes could not be unpacked.`)
  const content = brotliCompressSync(text, PACKING)
  const packed = new Uint8Array(HEADER_BYTES + content.length)
  packed[0] = FORM
  packed.set(checksumOf(content), 1)
  packed.set(content, HEADER_BYTES)
  return packed
}

/** The text that was packed, in UTF-8; undefined when the bytes are damaged. */
export function unpack(packed: Uint8Array): Buffer | undefined {
  try {
    const text = packed[0] === FORM ? decompress(packed) : inflate(packed)
    return text !== undefined && isUtf8(text) ? text : undefined
  } catch (error) {
    if (isLackOfMemory(error)) throw error
    return undefined
  }
}

const checksumOf = (content: Uint8Array): Buffer =>
  createHash('sha256').update(content).digest().subarray(0, CHECKSUM_BYTES)

function decompress(packed: Uint8Array): Buffer | undefined {
  const content = packed.subarray(HEADER_BYTES)
  if (!checksumOf(content).equals(packed.subarray(1, HEADER_BYTES))) return undefined
  return brotliDecompressSync(content, { chunkSize: TEXT_PIECE_BYTES, maxOutputLength: MAX_UNPACKED_BYTES })
}

const INFLATE = { chunkSize: TEXT_PIECE_BYTES, maxOutputLength: MAX_UNPACKED_BYTES, info: true }

/** What `info` makes of the result; the types do not know it. */
interface Inflated {
  readonly buffer: Buffer
  /** Counts the bytes that were read. */
  readonly engine: { readonly bytesWritten: number }
}

/** Rows that a build from before packed, and that still wait: it can go when none of them does, in a later release. */
function inflate(packed: Uint8Array): Buffer | undefined {
  const { buffer, engine } = inflateSync(packed, INFLATE) as unknown as Inflated
  // What follows the checksum is not looked at by zlib.
  return engine.bytesWritten === packed.length ? buffer : undefined
}

/** Or any other error that is not zlib's: it says nothing about the bytes, and may pass. */
function isLackOfMemory(error: unknown): boolean {
  const { code } = error as { code?: unknown }
  return typeof code !== 'string' || /MEM|ALLOC|INITIALIZATION/.test(code)
}
