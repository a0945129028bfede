import { totalmem } from 'node:os'

const MEGABYTE = 1_048_576
const [LEAST, MOST] = [128, 1_024]

/**
 * Megabytes in which PostgreSQL keeps pages at hand, when the machine has so many bytes of memory: an eighth, because
 * it is not alone there, up to a gigabyte. Pages that do not fit are written out and read in again: with four databases
 * of 27,233 customers in use, a request that changed them all took PostgreSQL 0.65 s of CPU with 256 MB, and 0.54 s
 * with 1 GB; with one of them alone there was no difference.
 */
export const sharedBuffers = (memory: number): number =>
  Math.round(Math.min(MOST, Math.max(LEAST, memory / 8 / MEGABYTE)))

/** Bytes of memory that this process may use: what the machine has, or the container that it runs in. */
export const memoryHere = (): number => Math.min(totalmem(), process.constrainedMemory() || Infinity)
