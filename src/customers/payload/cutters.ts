import { type PayloadChunk } from '../../async-actions/index.js'
import { cutCustomers } from './cut-customers.js'

/** Checks the envelope of a request and cuts it into chunks of about `chunkBytes`; throws the 400 it deserves. */
export type Cutter = (bytes: Uint8Array, chunkBytes: number) => Generator<PayloadChunk>

/** What the threads can cut, by the format of the request. */
export const CUTTERS = { customers: cutCustomers } as const satisfies Record<string, Cutter>

export type PayloadFormat = keyof typeof CUTTERS
