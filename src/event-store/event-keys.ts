import { int4Array } from '../database/index.js'

/**
 * The keys of many events as PostgreSQL takes them: all in one array, and where in it those of each event lie. An
 * array written out for each event took PostgreSQL longer to read than all else of it.
 */
export class EventKeys {
  private readonly all: number[] = []
  private readonly firsts: number[] = []
  private readonly lasts: number[] = []

  /** The keys of the next event. */
  add(keys: readonly (number | undefined)[]): void {
    this.firsts.push(this.all.length + 1)
    for (const key of keys) if (key !== undefined) this.all.push(key)
    this.lasts.push(this.all.length)
  }

  /** All, and of each event the place of its first and of its last one, counted from 1. */
  toParameters(): Buffer[] {
    return [int4Array(this.all), int4Array(this.firsts), int4Array(this.lasts)]
  }
}

/** The keys of one event; null, which the index leaves out, when it has none. */
export const keysSql = (all: string, first: string, last: string): string =>
  `nullif((${all}::int4[])[${first}:${last}], '{}')`
