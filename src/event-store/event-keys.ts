import { int4Array } from '../database/index.js'

/**
 * The keys of an append's events as PostgreSQL takes them: all in one array, equally many for each event, so that a
 * key's place tells whose it is. Zero stands for none; a key that is zero only makes searches find more to compare.
 */
export class EventKeys {
  private readonly keys: (readonly (number | undefined)[])[] = []

  /** The keys of the next event. */
  add(keys: readonly (number | undefined)[]): void {
    this.keys.push(keys)
  }

  /** Zeros where an event has fewer keys than others; null, which the index leaves out, when there are none. */
  toParameter(): Buffer | null {
    const width = this.keys.reduce((widest, { length }) => Math.max(widest, length), 0)
    if (width === 0) return null
    const all: number[] = []
    for (const keys of this.keys) for (let place = 0; place < width; place++) all.push(keys[place] ?? 0)
    return int4Array(all)
  }
}
