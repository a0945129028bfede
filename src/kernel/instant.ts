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
