import { type Instant } from '../../kernel/index.js'

const MICROS_PER_DAY = 86_400_000_000
const SHAPE = /^(\d{4}-\d{2}-\d{2})(?:(T[0-9:]+)(?:\.(\d+))?(Z|[+-][0-9:]+)?)?$/

/** A date or date-time of a query, to the microsecond; without an offset it is UTC. Undefined when it is none. */
export function toInstant(text: string): Instant | undefined {
  const [, date, time = 'T00:00:00', fraction = '', offset = 'Z'] = SHAPE.exec(text) ?? []
  if (date === undefined) return undefined
  const millis = Date.parse(`${date}${time}${offset}`)
  return Number.isNaN(millis) ? undefined : millis * 1000 + Number(fraction.padEnd(6, '0').slice(0, 6))
}

/** The last instant that "until" means: of a date its last microsecond. */
export function toLastInstant(text: string): Instant | undefined {
  const instant = toInstant(text)
  if (instant === undefined) return undefined
  return text.includes('T') ? instant : instant + MICROS_PER_DAY - 1
}
