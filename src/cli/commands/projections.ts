import { type Command } from 'commander'
import { ASYNC_ACTION_EVENT_TYPES, ASYNC_ACTIONS_PROJECTION } from '../../async-actions/index.js'
import { CUSTOMER_EVENT_TYPES, CUSTOMER_TOTALS, CUSTOMERS_PROJECTION } from '../../customers/index.js'
import { type Database } from '../../database/index.js'
import { EventStore } from '../../event-store/index.js'
import { type Difference, Rebuilder, type Rebuilt } from '../../projections/index.js'
import { CommandError } from '../command-error.js'
import { type CommandContext } from '../context.js'
import { withDatabase } from '../with-database.js'

/** Differences that are named; there may be millions. */
const SHOWN = 10
/** Streams between two lines of progress. */
const PROGRESS = 50_000

interface Options {
  readonly check?: true
  readonly json?: true
}

/** `projections rebuild`: the tables that follow from events, from the events. */
export function addProjections(program: Command, { databaseUrl, print }: CommandContext): void {
  program
    .command('projections')
    .description('work with the tables that follow from events')
    .command('rebuild')
    .description('replay all events, and put right every row of customers, actions and reports that differs')
    .option('--check', 'only say what differs, change nothing, and end with 1 if anything does')
    .option(
      '--json',
      'print {"streams","differences":[{"project_id","table","id"}],"left":[…]} and nothing else',
    )
    .action(async ({ check, json }: Options) => {
      const url = databaseUrl()
      const rebuilt = await withDatabase(url, 'projections rebuild', (database) =>
        rebuild(database, check !== true),
      )
      print(json ? asJson(rebuilt) : inWords(rebuilt, check === true))
      if (check && rebuilt.differences.length > 0)
        throw new CommandError(
          'Tables differ from their events; without --check the command puts them right.',
        )
      if (rebuilt.left.length > 0)
        throw new CommandError(
          `${rebuilt.left.length} could not be put right, because a newer customer has their source_id: ${idsOf(rebuilt.left)}. What happened to them stays in their events.`,
        )
    })
}

function rebuild(database: Database, repair: boolean): Promise<Rebuilt> {
  const events = new EventStore()
  events.register(CUSTOMER_EVENT_TYPES)
  events.register(ASYNC_ACTION_EVENT_TYPES)
  const rebuilder = new Rebuilder(database, events, { repair, onProgress: progress() })
  return rebuilder.rebuild([ASYNC_ACTIONS_PROJECTION, CUSTOMERS_PROJECTION], CUSTOMER_TOTALS)
}

const idsOf = (differences: readonly Difference[]): string =>
  [
    ...differences.slice(0, SHOWN).map(({ id }) => id),
    ...(differences.length > SHOWN ? [`and ${differences.length - SHOWN} more`] : []),
  ].join(', ')

function progress(): (streams: number) => void {
  let next = PROGRESS
  return (streams) => {
    if (streams < next) return
    next = streams + PROGRESS
    console.error(`${streams} streams replayed …`)
  }
}

const asJson = ({ streams, differences, left }: Rebuilt): string =>
  JSON.stringify({ streams, differences: differences.map(named), left: left.map(named) })

const named = ({ projectId, table, id }: Difference) => ({ project_id: projectId, table, id })

function inWords({ streams, differences }: Rebuilt, isCheck: boolean): string {
  const shown = differences.slice(0, SHOWN).map(({ table, id }) => `  ${table} ${id}`)
  const more = differences.length > SHOWN ? [`  and ${differences.length - SHOWN} more`] : []
  const found = differences.length === 0 ? 'nothing differed' : `${differences.length} differed`
  const end = differences.length === 0 ? '.' : isCheck ? ':' : ' and was put right:'
  return [`${streams} streams were replayed; ${found}${end}`, ...shown, ...more].join('\n')
}
