/** SQL for an `Instant` (whole microseconds since 1970) of a timestamptz; the driver gives it as a text of digits. */
export const toInstant = (timestamp: string): string => `(extract(epoch FROM ${timestamp}) * 1000000)::bigint`

/** SQL for the timestamptz of an `Instant`, such as `$4::bigint`. */
export const fromInstant = (micros: string): string =>
  `'epoch'::timestamptz + ${micros} * interval '1 microsecond'`
