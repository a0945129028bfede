import { parseArgs } from 'node:util'
import { allNames, namesOf, wholeNumber, withDefault } from '../rig/arguments.js'
import { FAULTS } from './nemesis/faults.js'
import { MUTANTS } from './mutants/mutants.js'

export interface Options {
  /** One for each run, in turn. */
  readonly seeds: readonly number[]
  /** Runs go on with further seeds until so many milliseconds have passed; otherwise as many as there are seeds. */
  readonly milliseconds: number | undefined
  /** How long harm is done in each run. */
  readonly seconds: number
  readonly isLong: boolean
  /** Names of the faults to inflict; all when there are none. */
  readonly faults: readonly string[]
  /** What must be caught instead of passing: names of mutants. */
  readonly mutants: readonly string[]
  /** A fault that this machine does not allow is a failure. */
  readonly isComplete: boolean
  readonly json: string | undefined
  /** Also write what was done and found into docs/guarantees.md. */
  readonly writeDocs: boolean
}

export const HELP = `npm run faults -- [options]

Runs two APIs and three workers over PostgreSQL and Redis of their own, lets clients of three projects send bulk
requests and single customers, and meanwhile kills, freezes, cuts off and fills up whatever it takes to lose a row.
Then it holds what clients saw against what is in the tables. docs/guarantees.md tells more.

  --seed N         the run of this seed (a new one each time)
  --seeds N        so many runs, of seeds that follow each other (1)
  --minutes N      runs until so many minutes have passed
  --seconds N      how long harm is done in each run (12)
  --long           faults last as long as they do in earnest, up to a minute, and so do the runs
  --faults LIST    only these, by their names, separated by commas
  --mutants [LIST] defects that must be caught, each within a minute: all, or these
  --all            fail when this machine does not allow every fault
  --json FILE      write what was done and found
  --write-docs     write what was done and found into docs/guarantees.md
  --list           name the faults and the mutants
  --help           this text

It ends with 0 when nothing was lost, doubled or out of order, and every mutant was caught.`

const ARGUMENTS = {
  seed: { type: 'string' },
  seeds: { type: 'string' },
  minutes: { type: 'string' },
  seconds: { type: 'string' },
  long: { type: 'boolean', default: false },
  faults: { type: 'string' },
  mutants: { type: 'string' },
  all: { type: 'boolean', default: false },
  json: { type: 'string' },
  'write-docs': { type: 'boolean', default: false },
  list: { type: 'boolean', default: false },
  help: { type: 'boolean', default: false },
} as const

export const LIST = [
  'Faults',
  ...FAULTS.map(({ name, needs }) => `  ${name}${needs ? ` (needs ${needs})` : ''}`),
  'Mutants',
  ...MUTANTS.map(({ name, claim }) => `  ${name}: ${claim}`),
].join('\n')

/** A text to print instead when one was asked for; throws when something is not understood. */
export function readOptions(args: readonly string[]): Options | string {
  const { values } = parseArgs({
    args: withDefault(args, '--mutants', allNames(MUTANTS)),
    options: ARGUMENTS,
  })
  if (values.help) return HELP
  if (values.list) return LIST
  const first = wholeNumber('--seed', values.seed ?? String(Date.now() % 1_000_000))
  const count = wholeNumber('--seeds', values.seeds ?? '1')
  const { minutes } = values
  return {
    seeds: Array.from({ length: count }, (_, index) => first + index),
    milliseconds: minutes === undefined ? undefined : wholeNumber('--minutes', minutes) * 60_000,
    seconds: wholeNumber('--seconds', values.seconds ?? (values.long ? '120' : '12')),
    isLong: values.long,
    faults: namesOf('--faults', values.faults, FAULTS),
    mutants: namesOf('--mutants', values.mutants, MUTANTS),
    isComplete: values.all,
    json: values.json,
    writeDocs: values['write-docs'],
  }
}
