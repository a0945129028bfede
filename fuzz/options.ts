import { parseArgs } from 'node:util'
import { allNames, namesOf, wholeNumber, withDefault } from '../rig/arguments.js'
import { MUTANTS } from './mutants/mutants.js'

export interface Options {
  readonly seed: number
  /** Rounds go on until so many milliseconds have passed. */
  readonly milliseconds: number
  /** Only this operation, such as `POST /v1/customers`. */
  readonly route: string | undefined
  /** Where in a round of this seed to begin: what a failure printed. */
  readonly path: string | undefined
  /** What must be caught instead of passing: names of mutants. */
  readonly mutants: readonly string[]
  readonly json: string | undefined
  /** Also write what was sent and found into docs/hostile-input.md. */
  readonly writeDocs: boolean
}

export const HELP = `npm run fuzz -- [options]

Runs an API and a worker over PostgreSQL and Redis of their own and sends them requests made of /openapi.json: right
ones, nearly right ones, and such as nobody sends. Each answer must be one that the document has, must not be a 5xx,
and must come in time; a refused request must leave everything as it was. docs/hostile-input.md tells more.

  --seed N          begin with the requests of this seed (a new one each time)
  --seconds N       how long (60)
  --minutes N       the same, in minutes
  --route NAME      only this operation, such as "POST /v1/customers"
  --path PATH       with --seed and --route: the one request that a failure named
  --mutants [LIST]  defects that must be found, each within half a minute: all, or these
  --json FILE       write what was sent and found
  --write-docs      write what was sent and found into docs/hostile-input.md
  --list            name the mutants
  --help            this text

It ends with 0 when nothing was wrong, every operation was answered with success at least once, and every mutant was
found.`

const ARGUMENTS = {
  seed: { type: 'string' },
  seconds: { type: 'string' },
  minutes: { type: 'string' },
  route: { type: 'string' },
  path: { type: 'string' },
  mutants: { type: 'string' },
  json: { type: 'string' },
  'write-docs': { type: 'boolean', default: false },
  list: { type: 'boolean', default: false },
  help: { type: 'boolean', default: false },
} as const

/** A text to print instead when one was asked for; throws when something is not understood. */
export function readOptions(args: readonly string[]): Options | string {
  const { values } = parseArgs({
    args: withDefault(args, '--mutants', allNames(MUTANTS)),
    options: ARGUMENTS,
  })
  if (values.help) return HELP
  if (values.list) return MUTANTS.map(({ name, claim }) => `${name}: ${claim}`).join('\n')
  const { minutes, seconds = '60', route, path } = values
  if (path !== undefined && (route === undefined || values.seed === undefined))
    throw new Error('--path goes with --seed and --route')
  return {
    seed: wholeNumber('--seed', values.seed ?? String(Date.now() % 1_000_000)),
    milliseconds:
      minutes === undefined
        ? wholeNumber('--seconds', seconds) * 1_000
        : wholeNumber('--minutes', minutes) * 60_000,
    route,
    path,
    mutants: namesOf('--mutants', values.mutants, MUTANTS),
    json: values.json,
    writeDocs: values['write-docs'],
  }
}
