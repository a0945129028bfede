import { totalmem } from 'node:os'

const MEGABYTE = 1_048_576
const [LEAST, MOST] = [128, 4_096]

/**
 * Megabytes in which PostgreSQL keeps pages at hand, when the machine has so many bytes of memory: an eighth, because
 * it is not alone there, up to 4 GB. Pages that do not fit are written out and read in again: with a million others
 * present a request of 111,669 new customers took 1.39 s with 2.9 GB, 1.67 s of PostgreSQL's CPU, and 1.82 s and 2.43 s
 * with 1 GB (medians of four). More than 2.9 GB was not measured.
 */
export const sharedBuffers = (memory: number): number =>
  Math.round(Math.min(MOST, Math.max(LEAST, memory / 8 / MEGABYTE)))

/** Bytes of memory that this process may use: what the machine has, or the container that it runs in. */
export const memoryHere = (): number => Math.min(totalmem(), process.constrainedMemory() || Infinity)
