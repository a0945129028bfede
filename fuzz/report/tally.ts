import { markdownTable } from '../../rig/markdown.js'
import { type Answer } from '../stage/client.js'

const CLASSES = ['2xx', '3xx', '4xx', '5xx'] as const
type Class = (typeof CLASSES)[number]

interface Count {
  readonly answers: Record<Class, number>
  slowestMs: number
}

/** How often what was answered. */
export class Tally {
  readonly #counts = new Map<string, Count>()

  add(route: string, { status, milliseconds }: Answer): void {
    const count = this.#counts.get(route) ?? {
      answers: { '2xx': 0, '3xx': 0, '4xx': 0, '5xx': 0 },
      slowestMs: 0,
    }
    count.answers[CLASSES[Math.floor(status / 100) - 2] ?? '5xx']++
    count.slowestMs = Math.max(count.slowestMs, milliseconds)
    this.#counts.set(route, count)
  }

  get total(): number {
    return [...this.#counts.values()].reduce(
      (sum, { answers }) => sum + CLASSES.reduce((all, name) => all + answers[name], 0),
      0,
    )
  }

  /** Operations that nothing was ever done by: whoever never gets in sees nothing. */
  neverDone(routes: readonly string[]): string[] {
    return routes.filter((route) => (this.#counts.get(route)?.answers['2xx'] ?? 0) === 0)
  }

  table(): string {
    const rows = [...this.#counts].map(([route, { answers, slowestMs }]) => [
      route,
      ...(['2xx', '4xx', '5xx'] as const).map((name) => String(answers[name])),
      `${Math.round(slowestMs)} ms`,
    ])
    return markdownTable(['Operation', '2xx', '4xx', '5xx', 'slowest'], rows)
  }

  figures(): Record<string, Count> {
    return Object.fromEntries(this.#counts)
  }
}
