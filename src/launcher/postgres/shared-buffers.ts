import { totalmem } from 'node:os'

const MEGABYTE = 1_048_576
/** Megabytes for an API, a worker, Redis and the system, which are there, too. */
const OTHERS = 1_024
const [LEAST, MOST] = [128, 8_192]

/**
 * Megabytes in which PostgreSQL keeps pages at hand, when the machine has so many bytes of memory: a quarter of what the
 * others leave, as its documentation advises for a machine of its own, up to 8 GB. Pages that do not fit are written out
 * and read in again: with a million others present a request of 111,669 new customers took 1.39 s with 2.9 GB, 1.67 s of
 * PostgreSQL's CPU, and 1.82 s and 2.43 s with 1 GB (medians of four). With 2.9 GB and two more tables of a million
 * customers beside them, a request of 403,298 customers who were there had PostgreSQL read a gigabyte of pages once more;
 * with 5.9 GB nothing. More was not measured.
 */
export const sharedBuffers = (memory: number): number =>
  Math.round(Math.min(MOST, Math.max(LEAST, (memory / MEGABYTE - OTHERS) / 4)))

/** Bytes of memory that this process may use: what the machine has, or the container that it runs in. */
export const memoryHere = (): number => Math.min(totalmem(), process.constrainedMemory() || Infinity)
