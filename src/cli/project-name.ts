import { UsageError } from './command-error.js'

const LONGEST = 200

/** The name of a project as it is stored: trimmed. Characters are code points. Throws a {@link UsageError}. */
export function parseProjectName(given: string): string {
  const name = given.trim()
  const { length } = Array.from(name)
  if (length === 0 || length > LONGEST)
    throw new UsageError(`The name of a project must have 1 to ${LONGEST} characters, not ${length}.`)
  if (/\p{Cc}/u.test(name)) throw new UsageError('The name of a project must not have control characters.')
  return name
}
