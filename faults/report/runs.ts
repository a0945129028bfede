import { markdownTable } from '../../rig/markdown.js'
import { type RunResult } from '../run.js'

/** Everything that was done and found in the runs so far. */
export class Runs {
  readonly #inflicted = new Map<string, number>()
  readonly #recoveries = new Map<string, number[]>()
  readonly #failed: number[] = []
  readonly #tally = { actions: 0, rows: 0, effects: 0 }
  #count = 0

  constructor(private readonly notRun: readonly string[]) {}

  add(seed: number, { problems, inflicted, recoveries, tally }: RunResult): void {
    this.#count++
    if (problems.length > 0) this.#failed.push(seed)
    for (const name of inflicted) this.#inflicted.set(name, (this.#inflicted.get(name) ?? 0) + 1)
    for (const { fault, milliseconds } of recoveries)
      this.#recoveries.set(fault, [...(this.#recoveries.get(fault) ?? []), milliseconds])
    this.#tally.actions += tally.actions
    this.#tally.rows += tally.rows
    this.#tally.effects += tally.effects
  }

  /** Whether nothing was found; and, if it has to be complete, nothing left out. */
  areGood(isComplete: boolean): boolean {
    return this.#failed.length === 0 && !(isComplete && this.notRun.length > 0)
  }

  figures(): object {
    return {
      runs: this.#count,
      failed: this.#failed,
      notRun: this.notRun,
      ...this.#tally,
      inflicted: Object.fromEntries(this.#inflicted),
      recoveries: Object.fromEntries(
        [...this.#recoveries].map(([fault, times]) => [fault, spread(times)] as const),
      ),
    }
  }

  /** What people read. */
  summary(): string {
    return [
      this.#inAll(),
      ...this.#names().map((name) => `  ${this.#times(name).padStart(5)}  ${name}${this.#recovered(name)}`),
      ...this.notRun.map((name) => `not run  ${name}`),
      this.#failed.length === 0
        ? 'Nothing was lost, doubled or out of order.'
        : `Failed: ${this.#failed.map((seed) => `seed ${seed}`).join(', ')}`,
    ].join('\n')
  }

  /** The same for the documents. */
  table(): string {
    const rows = this.#names().map((name) => {
      const times = this.#recoveries.get(name)
      const { median, most } = spread(times ?? [])
      return [name, this.#times(name), times ? `${median}` : '', times ? `${most}` : '']
    })
    const lost =
      this.#failed.length === 0 ? 'Rows lost: 0, doubled: 0, out of order: 0.' : 'There were failures.'
    const header = ['Fault', 'Times', 'Work went on after (median, ms)', 'At most (ms)']
    return [`${this.#inAll()}. ${lost}`, markdownTable(header, rows)].join('\n\n')
  }

  #inAll(): string {
    const { actions, rows, effects } = this.#tally
    const faults = [...this.#inflicted.values()].reduce((sum, count) => sum + count, 0)
    return `${this.#count} runs, ${faults} faults, ${actions} actions, ${rows} rows, ${effects} effects on customers`
  }

  #names(): string[] {
    return [...this.#inflicted.keys()].toSorted((one, other) => one.localeCompare(other))
  }

  #times(name: string): string {
    return String(this.#inflicted.get(name) ?? 0)
  }

  #recovered(name: string): string {
    const times = this.#recoveries.get(name)
    if (times === undefined) return ''
    const { median, most } = spread(times)
    return `; work went on after ${median} ms, at most ${most} ms`
  }
}

function spread(times: readonly number[]): { count: number; median: number; most: number } {
  const sorted = times.map(Math.round).toSorted((one, other) => one - other)
  return { count: sorted.length, median: sorted[sorted.length >> 1] ?? NaN, most: sorted.at(-1) ?? NaN }
}
