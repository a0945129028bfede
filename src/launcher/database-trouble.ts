const ADVICE = 'If DATABASE_URL is set, check that it is right and that its PostgreSQL (15 or later) runs.'

/** What to tell a person when a database cannot be used: why, and what to look at. */
export function databaseTrouble(cause: unknown): string {
  return `The database cannot be used: ${reasonOf(cause as Error)}\n${ADVICE}`
}

/** A name with several addresses (localhost) fails with one error for each, and no message of its own. */
function reasonOf(error: Error): string {
  return error instanceof AggregateError && error.message === ''
    ? error.errors.map((each) => (each as Error).message).join(', ')
    : error.message
}
