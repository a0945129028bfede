import { hashSecret } from '../projects/index.js'
import { type Principal } from './principal.js'

/** A key or token that was revoked works no longer than this, in milliseconds. */
const LIFETIME_MS = 5_000
const MAX_ENTRIES = 10_000

/** Whom credentials stand for, and for how many milliseconds from the question on they do so at most. */
export interface Admission {
  readonly principal: Principal
  readonly goodForMs: number
}

interface Entry {
  readonly principal: Principal
  readonly until: number
}

/**
 * Remembers for a few seconds whom credentials stood for, so that a client that polls does not cost a query for
 * each call. Only what was valid is remembered, and only by its hash.
 */
export class PrincipalCache {
  private readonly entries = new Map<string, Entry>()
  private timesForgotten = 0

  async of(credentials: string, ask: () => Promise<Admission | undefined>): Promise<Principal | undefined> {
    const key = keyOf(credentials)
    // Time counts from the question: an answer that was long on its way may be out of date when it arrives.
    const askedAt = performance.now()
    const known = this.entries.get(key)
    if (known !== undefined && known.until > askedAt) return known.principal
    const { timesForgotten } = this
    const admission = await ask()
    if (admission === undefined) this.entries.delete(key)
    // An answer that crossed a revocation is good for this one request and not to be remembered.
    else if (timesForgotten === this.timesForgotten) this.remember(key, admission, askedAt)
    return admission?.principal
  }

  /** From now on these credentials are asked about again. */
  forget(credentials: string): void {
    this.timesForgotten++
    this.entries.delete(keyOf(credentials))
  }

  private remember(key: string, { principal, goodForMs }: Admission, askedAt: number): void {
    if (this.entries.size >= MAX_ENTRIES) this.entries.clear()
    this.entries.set(key, { principal, until: askedAt + Math.min(LIFETIME_MS, goodForMs) })
  }
}

const keyOf = (credentials: string): string => hashSecret(credentials).toString('base64')
