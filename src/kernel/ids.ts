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
export function newCustomerId(createdAt: Instant): string {
  writeInstant(createdAt)
  writeRandom(CUSTOMER_ID.length - RANDOM_AT)
  return CUSTOMER_ID.toString('latin1')
}

/** Not greater than any id of a customer created at or after an instant, and greater than all created before it. */
export function firstCustomerIdOf(createdAt: Instant): string {
  writeInstant(createdAt)
  return CUSTOMER_ID.toString('latin1', 0, RANDOM_AT)
}

/** Where ids are put together: by thousands, texts made letter by letter are a burden. */
const CUSTOMER_ID = Buffer.from(`cust_${'0'.repeat(24)}`)
const INSTANT_AT = 5
const RANDOM_AT = 14

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

function writeInstant(createdAt: Instant): void {
  let rest = Math.min(Math.max(createdAt, 0), LAST_INSTANT)
  for (let at = RANDOM_AT - 1; at >= INSTANT_AT; at--) {
    CUSTOMER_ID[at] = ALPHANUMERICS.charCodeAt(rest % 62)
    rest = Math.floor(rest / 62)
  }
}

const pool = { letters: Buffer.alloc(0), used: 0 }

/** Ids need to be unlikely to collide, not secret: a pool of random letters and a small bias make them cheap. */
function writeRandom(length: number): void {
  if (pool.used + length > pool.letters.length) {
    pool.letters = randomBytes(64 * 1024)
    toLetters(pool.letters)
    pool.used = 0
  }
  pool.letters.copy(CUSTOMER_ID, RANDOM_AT, pool.used, pool.used + length)
  pool.used += length
}

/** In place: each byte becomes the letter that it stands for. Iterated, each made objects: a fifth of the garbage of new customers. */
function toLetters(bytes: Buffer): void {
  for (let at = 0; at < bytes.length; at++) bytes[at] = ALPHANUMERICS.charCodeAt((bytes[at] ?? 0) % 62)
}
