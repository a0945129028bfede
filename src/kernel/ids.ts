import { randomBytes } from 'node:crypto'
import { type Instant } from './instant.js'

const ALPHANUMERICS = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'

/** `aa_` and 18 hex digits, ordered by time of creation. */
export const newAsyncActionId = (): string => `aa_${timeOrderedHex()}`

/** `v-` and 18 hex digits, ordered by time of creation. */
export const newRequestId = (): string => `v-${timeOrderedHex()}`

/**
 * `cust_` and 24 alphanumerics, the first nine of which are the instant of creation: so the key by id also has a
 * project's customers in the order of their creation, and the table needs no further index for it.
 */
export const newCustomerId = (createdAt: Instant): string =>
  firstCustomerIdOf(createdAt) + quickAlphanumerics(15)

/** Not greater than any id of a customer created at or after an instant, and greater than all created before it. */
export const firstCustomerIdOf = (createdAt: Instant): string =>
  `cust_${toAlphanumerics(Math.min(Math.max(createdAt, 0), LAST_INSTANT), 9)}`

/** In the year 2255, to which instants are exact. */
const LAST_INSTANT = Number.MAX_SAFE_INTEGER

/** `del_` and 24 alphanumerics. */
export const newDeletionId = (): string => `del_${randomAlphanumerics(24)}`

/** Whether a text could be the id of an async action. */
export const isAsyncActionId = (text: string): boolean => /^aa_[0-9a-f]{18}$/.test(text)

/** `length` random alphanumerics from the system's secure source; 22 of them carry 128 bits and more. */
export function randomAlphanumerics(length: number): string {
  let text = ''
  for (const byte of randomBytes(length * 2)) {
    // 62 letters fit four times into 248: what lies above is dropped, so that every letter is as likely.
    if (byte < 248 && text.length < length) text += ALPHANUMERICS.charAt(byte % 62)
  }
  return text.length === length ? text : randomAlphanumerics(length)
}

function timeOrderedHex(): string {
  return Date.now().toString(16).padStart(11, '0') + randomBytes(4).toString('hex').slice(1)
}

function toAlphanumerics(number: number, length: number): string {
  let rest = number
  let text = ''
  while (text.length < length) {
    text = ALPHANUMERICS.charAt(rest % 62) + text
    rest = Math.floor(rest / 62)
  }
  return text
}

const pool = { bytes: Buffer.alloc(0), used: 0 }

/** Ids need to be unlikely to collide, not secret: a pool of random bytes and a small bias make them cheap. */
function quickAlphanumerics(length: number): string {
  if (pool.used + length > pool.bytes.length) {
    pool.bytes = randomBytes(64 * 1024)
    // In place: each byte becomes the letter that it stands for.
    for (let at = 0; at < pool.bytes.length; at++) {
      pool.bytes[at] = ALPHANUMERICS.charCodeAt((pool.bytes[at] ?? 0) % 62)
    }
    pool.used = 0
  }
  pool.used += length
  return pool.bytes.toString('latin1', pool.used - length, pool.used)
}
