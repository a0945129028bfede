import { type Command } from 'commander'
import { readAudit, type RecordedAuditEntry } from '../../audit/index.js'
import { UsageError } from '../command-error.js'
import { type CommandContext } from '../context.js'
import { parseProjectId } from '../project-id.js'
import { withDatabase } from '../with-database.js'

const MOST_ENTRIES = 100_000

interface Options {
  readonly project?: string
  readonly since?: string
  readonly limit: string
  readonly json?: true
}

/** `audit`: who got or lost keys and tokens, had requests accepted, had people forgotten, downloaded reports. */
export function addAudit(program: Command, { databaseUrl, print }: CommandContext): void {
  program
    .command('audit')
    .description('show the audit log, the newest entries last')
    .option('--project <project-id>', 'only of this project')
    .option('--since <time>', 'only from this time on (UTC), such as 2026-01-31 or 2026-01-31T12:00:00Z')
    .option('--limit <n>', `the newest so many, at most ${MOST_ENTRIES}`, '100')
    .option('--json', 'print {"entries":[…]} and nothing else')
    .action(async ({ project, since, limit, json }: Options) => {
      const filter = {
        projectId: project === undefined ? undefined : parseProjectId(project),
        since: since === undefined ? undefined : parseTime(since),
        limit: parseLimit(limit),
      }
      const url = databaseUrl()
      const entries = await withDatabase(url, 'audit', (database) =>
        database.acrossProjects((session) => readAudit(session, filter)),
      )
      print(json ? JSON.stringify({ entries }) : inWords(entries))
    })
}

const DAY = /^\d{4}-\d\d-\d\d$/
const MOMENT = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,3})?)?Z$/

/** A day begins at midnight UTC, as the times that are shown. */
function parseTime(given: string): Date {
  const time = new Date(DAY.test(given) ? `${given}T00:00:00Z` : given)
  const isRight = (DAY.test(given) || MOMENT.test(given)) && !Number.isNaN(time.getTime())
  if (!isRight || time.getUTCDate() !== Number(given.slice(8, 10)))
    throw new UsageError(`"${given}" is no time: write 2026-01-31 or 2026-01-31T12:00:00Z.`)
  return time
}

function parseLimit(given: string): number {
  const limit = Number(given)
  if (Number.isInteger(limit) && limit >= 1 && limit <= MOST_ENTRIES) return limit
  throw new UsageError(`--limit must be a whole number from 1 to ${MOST_ENTRIES}, not "${given}".`)
}

const inWords = (entries: readonly RecordedAuditEntry[]): string =>
  entries.length === 0 ? 'There is no such entry.' : entries.map(line).join('\n')

const line = (entry: RecordedAuditEntry): string => {
  const { at, project_id: project, act, client, subject, request_id: request, details } = entry
  const more = [request, details && JSON.stringify(details)].filter(Boolean)
  return [at.toISOString(), project, act.padEnd(17), `${subject} by ${client}`, ...more].join('  ')
}
