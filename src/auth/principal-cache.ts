import { hashSecret } from '../projects/index.js'
import { type Principal } from './principal.js'

/** A key or token that was revoked works no longer than this, in milliseconds. */
const LIFETIME_MS = 5_000
const MAX_ENTRIES = 10_000

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

  async of(credentials: string, ask: () => Promise<Principal | undefined>): Promise<Principal | undefined> {
    const key = hashSecret(credentials).toString('base64')
    const known = this.entries.get(key)
    if (known !== undefined && known.until > performance.now()) return known.principal
    const principal = await ask()
    if (principal !== undefined) this.remember(key, principal)
    else this.entries.delete(key)
    return principal
  }

  private remember(key: string, principal: Principal): void {
    if (this.entries.size >= MAX_ENTRIES) this.entries.clear()
    this.entries.set(key, { principal, until: performance.now() + LIFETIME_MS })
  }
}
