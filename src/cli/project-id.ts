import { UsageError } from './command-error.js'

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i

/** The id of a project as it is stored. Throws a {@link UsageError}. */
export function parseProjectId(given: string): string {
  if (!UUID.test(given))
    throw new UsageError(`"${given}" is not the id of a project, which is a UUID: project list shows them.`)
  return given.toLowerCase()
}
