import { type PayloadChunk } from '../../async-actions/index.js'
import { cutCsv } from './cut-csv.js'
import { cutCustomers } from './cut-customers.js'
import { cutMetadata } from './cut-metadata.js'

/** What a cutter has to know of the settings. */
export interface CutLimits {
  /** Bytes of JSON that make a chunk. */
  readonly chunkBytes: number
  /** Longest text that a customer may have, in characters (code points). */
  readonly maxStringLength: number
}

/** Checks the envelope of a request and cuts it into chunks of about `chunkBytes`; throws the 400 it deserves. */
export type Cutter = (bytes: Uint8Array, limits: CutLimits) => Generator<PayloadChunk>

/** What the threads can cut, by the format of the request. */
export const CUTTERS = {
  customers: (bytes, { chunkBytes }) => cutCustomers(bytes, chunkBytes),
  metadata: cutMetadata,
  csv: cutCsv,
} as const satisfies Record<string, Cutter>

export type PayloadFormat = keyof typeof CUTTERS
