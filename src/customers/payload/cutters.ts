import { type PayloadChunk } from '../../async-actions/index.js'
import { cutCsv } from './cut-csv.js'
import { cutCustomers, type RoomFor } from './cut-customers.js'
import { cutMetadata } from './cut-metadata.js'

/** What a cutter has to know of the settings. */
export interface CutLimits {
  /** Bytes of JSON that make a chunk. */
  readonly chunkBytes: number
  /** Longest text that a customer may have, in characters (code points). */
  readonly maxStringLength: number
}

/**
 * Checks the envelope of a request and cuts it into chunks of about `chunkBytes`; throws the 400 it deserves. The rows
 * of a chunk are good only until the next is asked for: its memory may be used again.
 */
export type Cutter = (bytes: Uint8Array, limits: CutLimits) => Generator<PayloadChunk>

/** What the threads can cut, by the format of the request. */
export const CUTTERS = {
  customers: (bytes, { chunkBytes }) => cutCustomers(bytes, chunkBytes, sameRoom()),
  metadata: cutMetadata,
  csv: cutCsv,
} as const satisfies Record<string, Cutter>

/**
 * The same memory for all chunks of a request: each is packed before the next is asked for. A thread makes so little
 * else that its garbage collector would let them lie: fifty requests at once took the API 254 MB, with this 246 MB.
 */
function sameRoom(): RoomFor {
  let memory = new Uint8Array(0)
  return (size) => {
    if (memory.length < size) memory = new Uint8Array(size)
    return memory.subarray(0, size)
  }
}

export type PayloadFormat = keyof typeof CUTTERS
