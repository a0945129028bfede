import { setTimeout as delay } from 'node:timers/promises'

/**
 * Asks again until there is an answer; fails when there is none within `seconds`. The default is there to end what
 * hangs, not to measure: it is a little less than jest's limit, so that the message says what was waited for.
 */
export async function eventually<T>(
  what: string,
  ask: () => Promise<T | undefined>,
  seconds = 290,
): Promise<T> {
  const deadline = Date.now() + seconds * 1000
  for (;;) {
    const answer = await ask()
    if (answer !== undefined) return answer
    if (Date.now() > deadline) throw new Error(`Waited ${seconds} s in vain until ${what}.`)
    await delay(10)
  }
}
