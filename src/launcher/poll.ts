import { setTimeout as pause } from 'node:timers/promises'

export interface Patience {
  readonly timeoutMs: number
  readonly everyMs?: number
  /** Ends the wait early, with the signal's reason. */
  readonly signal?: AbortSignal | undefined
  /** What the error says when the time is up. */
  readonly failure: string
}

/** Looks until `probe` yields something other than undefined or false, and returns that. */
export async function until<T>(
  probe: () => T | undefined | false | Promise<T | undefined | false>,
  { timeoutMs, everyMs = 50, signal, failure }: Patience,
): Promise<T> {
  const deadline = Date.now() + timeoutMs
  for (;;) {
    signal?.throwIfAborted()
    const found = await probe()
    if (found !== undefined && found !== false) return found
    if (Date.now() >= deadline) throw new Error(failure)
    await pause(everyMs)
  }
}
