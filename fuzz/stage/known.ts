import { type Answer } from './client.js'
import { KNOWN, type MadeUp, type Value } from '../arbitraries/request.js'

/** At most so many of each kind are remembered: the newest. */
const MOST = 50

interface KnownAction {
  readonly id: string
  /** What opens its report. */
  readonly token: string | undefined
}

/** What is there because of requests that were sent: what later ones may name. */
export class Known {
  readonly #customers: string[] = []
  readonly #actions: KnownAction[] = []
  readonly #tokens: string[] = []

  addCustomer(name: string): void {
    remember(this.#customers, name)
  }

  forgetCustomer(name: string): void {
    this.#customers.splice(0, this.#customers.length, ...this.#customers.filter((each) => each !== name))
  }

  addAction(action: KnownAction): void {
    remember(this.#actions, action)
  }

  addToken(token: string): void {
    remember(this.#tokens, token)
  }

  get hasCustomers(): boolean {
    return this.#customers.length > 0
  }

  /** The value itself, or what it stands for. */
  valueOf({ which }: MadeUp, name: string, value: Value): string {
    if (value !== KNOWN) return value
    if (name === 'asyncActionId') return this.#action(which)?.id ?? 'aa_000000000000000000'
    if (name === 'token') return this.#action(which)?.token ?? 'none'
    return pick(this.#customers, which) ?? 'nobody'
  }

  token(which: number): string {
    return pick(this.#tokens, which) ?? 'none'
  }

  /** Those with a report are what a request for one means. */
  #action(which: number): KnownAction | undefined {
    return pick(this.#actions, which)
  }
}

function remember<T>(list: T[], one: T): void {
  list.push(one)
  if (list.length > MOST) list.shift()
}

const pick = <T>(list: readonly T[], which: number): T | undefined => list[which % list.length]

export const fieldOf = ({ body }: Answer, name: string): string | undefined => {
  try {
    const value: unknown = (JSON.parse(body) as Record<string, unknown>)[name]
    return typeof value === 'string' ? value : undefined
  } catch {
    return undefined
  }
}
