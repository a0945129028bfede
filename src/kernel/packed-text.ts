import { isUtf8 } from 'node:buffer'
import { brotliCompressSync, brotliDecompressSync, constants } from 'node:zlib'

/**
 * The most that packed bytes may stand for, or damaged ones could ask for any amount of memory. A request of
 * 10,485,760 bytes makes no larger text, even where all of it is one row: JSON writes no byte as more than six.
 */
export const MAX_UNPACKED_BYTES = 67_108_864

/** Larger than most packed texts: pieces of 16 kB, as is the default, leave up to twice as much garbage. */
const PIECE_BYTES = 262_144

/**
 * Brotli at its second level. 10 MB of typical customers in chunks, milliseconds to pack and unpack, and what is left:
 * brotli 0: 16, 15, 21.5 %; brotli 1: 24, 15, 16.2 %; brotli 2: 47, 15, 15.7 %; deflate 1: 38, 13, 18.2 %. A smaller
 * window saves no time, and less than half a megabyte.
 */
const LEVEL = 1

/** Packs a text in UTF-8. What comes out has its memory to itself, so that it can be handed to another thread. */
export function pack(text: Uint8Array): Uint8Array {
  if (text.length > MAX_UNPACKED_BYTES) throw new RangeError(`${text.length} bytes could not be unpacked.`)
  const params = {
    [constants.BROTLI_PARAM_QUALITY]: LEVEL,
    [constants.BROTLI_PARAM_SIZE_HINT]: text.length,
  }
  return new Uint8Array(brotliCompressSync(text, { chunkSize: PIECE_BYTES, params }))
}

/** The text that was packed; undefined when the bytes are damaged. */
export function unpack(packed: Uint8Array): string | undefined {
  try {
    const text = brotliDecompressSync(packed, {
      chunkSize: PIECE_BYTES,
      maxOutputLength: MAX_UNPACKED_BYTES,
    })
    return isUtf8(text) ? text.toString() : undefined
  } catch (error) {
    if (isLackOfMemory(error)) throw error
    return undefined
  }
}

/** That says nothing about the bytes, and passes. */
function isLackOfMemory(error: unknown): boolean {
  const { code } = error as { code?: unknown }
  return typeof code !== 'string' || /ALLOC|INITIALIZATION/.test(code)
}
