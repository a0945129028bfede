/**
 * A point in time: whole microseconds since 1970-01-01T00:00:00Z. PostgreSQL's clock has that precision, and
 * a double holds it exactly until the year 2255.
 */
export type Instant = number

const MICROS_PER_MILLI = 1000

/** `2026-01-31T23:59:59.123Z`: how asynchronous actions show times. */
export const toMillisText = (instant: Instant): string =>
  new Date(Math.floor(instant / MICROS_PER_MILLI)).toISOString()

/** `2026-01-31T23:59:59.123456Z`: how customers show times, because clients page with the visible text. */
export const toMicrosText = (instant: Instant): string => {
  const micros = String(instant % MICROS_PER_MILLI).padStart(3, '0')
  return toMillisText(instant).replace('Z', `${micros}Z`)
}

export const plusDays = (instant: Instant, days: number): Instant => instant + days * 86_400_000_000

export const millisBetween = (from: Instant, to: Instant): number =>
  Math.floor((to - from) / MICROS_PER_MILLI)

const DATE_OR_DATE_TIME =
  /^(\d{4}-\d{2}-\d{2})(?:T(\d{2}:\d{2}(?::\d{2})?)(?:\.(\d+))?(Z|[+-]\d{2}:?\d{2})?)?$/

/** The instant that an ISO 8601 date or date-time names, in UTC when it says nothing else; undefined when it names none. */
export function instantOfText(text: string): Instant | undefined {
  const [, date, time = '00:00', fraction = '', offset = 'Z'] = DATE_OR_DATE_TIME.exec(text) ?? []
  const milliseconds = Date.parse(`${date ?? ''}T${time}${offset.replace(/(\d{2}):?(\d{2})$/, '$1:$2')}`)
  if (Number.isNaN(milliseconds)) return undefined
  return milliseconds * MICROS_PER_MILLI + Number(fraction.padEnd(6, '0').slice(0, 6))
}
