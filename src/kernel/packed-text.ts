import { isUtf8 } from 'node:buffer'
import { deflateSync, inflateSync } from 'node:zlib'

/**
 * The most that packed bytes may stand for, or damaged ones could ask for any amount of memory. A request of
 * 10,485,760 bytes makes no larger text, even where all of it is one row: JSON writes no byte as more than six.
 */
export const MAX_UNPACKED_BYTES = 67_108_864

/** Larger than most packed texts: pieces of 16 kB, as is the default, leave up to twice as much garbage. */
const PACKED_PIECE_BYTES = 262_144

/** Larger than most texts: 10 MB in chunks are unpacked in 8 to 11 ms, and in pieces of 64 kB in 16 ms. */
const TEXT_PIECE_BYTES = 1_048_576

/**
 * zlib's own format, at its first level: with a checksum. 10 MB of typical customers in chunks, milliseconds to pack
 * and unpack, and what is left: deflate 1: 37, 8 to 11, 18.2 %; brotli 1: 27, 15, 16.2 %. But brotli's 15 are those of
 * a process that does nothing else: as ours are told to allocate, its window of 4 MB is mapped anew for each chunk, and
 * it takes the worker's thread 30 to 60.
 */
const LEVEL = 1

/** Packs a text in UTF-8. What comes out has its memory to itself, so that it can be handed to another thread. */
export function pack(text: Uint8Array): Uint8Array {
  if (text.length > MAX_UNPACKED_BYTES) throw new RangeError(`${text.length} bytes could not be unpacked.`)
  return new Uint8Array(deflateSync(text, { chunkSize: PACKED_PIECE_BYTES, level: LEVEL }))
}

const INFLATE = { chunkSize: TEXT_PIECE_BYTES, maxOutputLength: MAX_UNPACKED_BYTES, info: true }

/** What `info` makes of the result; the types do not know it. */
interface Inflated {
  readonly buffer: Buffer
  /** Counts the bytes that were read. */
  readonly engine: { readonly bytesWritten: number }
}

/** The text that was packed; undefined when the bytes are damaged. */
export function unpack(packed: Uint8Array): string | undefined {
  try {
    const { buffer, engine } = inflateSync(packed, INFLATE) as unknown as Inflated
    // What follows the checksum is not looked at by zlib.
    return engine.bytesWritten === packed.length && isUtf8(buffer) ? buffer.toString() : undefined
  } catch (error) {
    if (isLackOfMemory(error)) throw error
    return undefined
  }
}

/** Or any other error that is not zlib's: it says nothing about the bytes, and may pass. */
function isLackOfMemory(error: unknown): boolean {
  const { code } = error as { code?: unknown }
  return typeof code !== 'string' || /MEM|INITIALIZATION/.test(code)
}
