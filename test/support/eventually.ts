import { setTimeout as delay } from 'node:timers/promises'

/** Asks again until there is an answer; fails when there is none within `seconds`. */
export async function eventually<T>(
  what: string,
  ask: () => Promise<T | undefined>,
  seconds = 50,
): Promise<T> {
  const deadline = Date.now() + seconds * 1000
  for (;;) {
    const answer = await ask()
    if (answer !== undefined) return answer
    if (Date.now() > deadline) throw new Error(`Waited ${seconds} s in vain until ${what}.`)
    await delay(10)
  }
}
