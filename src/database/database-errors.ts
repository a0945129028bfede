/** Fields of a node-postgres error that decide what to do about it. */
interface DatabaseError extends Error {
  code?: string
}

const codeOf = (error: unknown): string => (error instanceof Error && (error as DatabaseError).code) || ''

/** Another writer inserted the same key first. */
export const isUniqueViolation = (error: unknown): boolean => codeOf(error) === '23505'

/** A table is not there: nobody has migrated this database yet. */
export const isUnmigrated = (error: unknown): boolean => codeOf(error) === '42P01'

/** There is no such database. */
export const isNowhere = (error: unknown): boolean => codeOf(error) === '3D000'

/** The login has no right to it. */
export const isRefused = (error: unknown): boolean => codeOf(error) === '42501'

/** The login itself is refused: to try again is of no use. */
export const isLoginRefused = (error: unknown): boolean => codeOf(error).startsWith('28')

/** A prepared statement that the connection no longer knows, or whose tables have changed: another connection will do. */
const isStaleStatement = (error: unknown): boolean =>
  codeOf(error) === '26000' ||
  (codeOf(error) === '0A000' && /cached plan/.test(error instanceof Error ? error.message : ''))

/**
 * Lost to other transactions, or to a change of the schema; the same work may succeed at once: serialization failure,
 * deadlock, lock timeout, statement timeout, stale prepared statement, and what only says that a statement
 * before it failed: it must not count as a fault of the work.
 */
export const isContention = (error: unknown): boolean =>
  ['40001', '40P01', '55P03', '57014', '25P02'].includes(codeOf(error)) || isStaleStatement(error)

/** The driver's own deadline passed, without a word from PostgreSQL: it is cut off, or worse than busy. */
const isUnanswered = (error: unknown): boolean =>
  error instanceof Error && error.message === 'Query read timeout'

/** The work took longer than PostgreSQL allows a statement or a transaction, or than the driver waits. */
export const isTimeout = (error: unknown): boolean =>
  ['57014', '25P03', '25P04'].includes(codeOf(error)) || isUnanswered(error)

/** After such an error the connection is of no more use, whatever it looks like. */
export const isBrokenConnection = (error: unknown): boolean => isUnanswered(error) || isStaleStatement(error)

/**
 * PostgreSQL is away, starting, stopping, read-only, full or cut off: nothing is wrong with the work itself.
 * Classes 08 (connection), 28 (login), 53 (resources), 57P (operator), 58 (system), some of 25 (read-only, timeouts of
 * transactions), 40003 (completion unknown), and Node's socket errors.
 */
export const isOutage = (error: unknown): boolean =>
  /^(08|28|53|57P|58|25006|25P03|25P04|40003)/.test(codeOf(error)) ||
  SOCKET_ERRORS.has(codeOf(error)) ||
  isUnanswered(error) ||
  (error instanceof Error && DRIVER_WORDS.test(error.message))

const SOCKET_ERRORS = new Set([
  'EADDRNOTAVAIL',
  'EAI_AGAIN',
  'ECONNABORTED',
  'ECONNREFUSED',
  'ECONNRESET',
  'EHOSTUNREACH',
  'EMFILE',
  'ENETDOWN',
  'ENETUNREACH',
  'ENOTFOUND',
  'EPIPE',
  'ETIMEDOUT',
])

const DRIVER_WORDS =
  /Connection terminated|timeout exceeded when trying to connect|is not queryable|connection timeout/i

/** Classes whose words quote what was to be stored: data (22), keys (23), and what functions raise (P0). */
const QUOTES_VALUES = /^(22|23|P0)/

/** What a log may say of an error: of those that quote a row, whose it may be, the code alone. */
export function forLog(error: unknown): string {
  const code = codeOf(error)
  return QUOTES_VALUES.test(code) ? `PostgreSQL error ${code}` : String(error)
}

/** The same, and where in the code it came from. */
export function forLogWithPlace(error: unknown): string {
  const places =
    error instanceof Error ? (error.stack ?? '').split('\n').filter((line) => /^\s+at /.test(line)) : []
  return [forLog(error), ...places].join('\n')
}
