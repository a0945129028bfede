/** Fields of a node-postgres error that decide what to do about it. */
interface DatabaseError extends Error {
  code?: string
}

const codeOf = (error: unknown): string => (error instanceof Error && (error as DatabaseError).code) || ''

/** Another writer inserted the same key first. */
export const isUniqueViolation = (error: unknown): boolean => codeOf(error) === '23505'

/**
 * Lost to other transactions; the same work may succeed at once: serialization failure, deadlock, lock timeout,
 * statement timeout.
 */
export const isContention = (error: unknown): boolean =>
  ['40001', '40P01', '55P03', '57014'].includes(codeOf(error))

/**
 * PostgreSQL is away, starting, stopping, full or cut off: nothing is wrong with the work itself.
 * Classes 08 (connection), 53 (resources), 57P (operator), 58 (errors of its system, such as input and output), 25P03
 * (idle in transaction), and Node's socket errors.
 */
export const isOutage = (error: unknown): boolean =>
  /^(08|53|57P|25P03|58)/.test(codeOf(error)) ||
  ['ECONNREFUSED', 'ECONNRESET', 'ETIMEDOUT', 'EPIPE', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH'].includes(
    codeOf(error),
  ) ||
  (error instanceof Error &&
    /Connection terminated|timeout exceeded when trying to connect|Client has encountered a connection error|connection timeout/i.test(
      error.message,
    ))
