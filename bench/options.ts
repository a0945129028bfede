import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { wholeNumber, withDefault } from '../rig/arguments.js'
import { LARGEST_BODY, type Phase, PHASES, type Shape, SHAPES } from './payloads.js'

/** Of builds beside this one: with two copies of each more would not fit into one PostgreSQL and one Redis. */
const MOST_BUILDS = 5

/** The parts of the bench, in the order in which they run. */
export const PARTS = ['matrix', 'memory', 'awake', 'scale', 'jobs', 'lists', 'hostile', 'beside'] as const
export type Part = (typeof PARTS)[number]

export interface Options {
  readonly parts: readonly Part[]
  readonly shapes: readonly Shape[]
  readonly phases: readonly Phase[]
  /** How many other customers are there before; each number is measured by itself. */
  readonly present: readonly number[]
  readonly bytes: number
  readonly rounds: number
  /** So many rounds of the first kind of customers warm processes up that were just started; of any other kind one. */
  readonly firstWarmUps: number
  /** Milliseconds between two jobs. */
  readonly restMs: number
  /** How many requests are sent at once to see how much memory that takes. */
  readonly queuedRequests: number
  /** For how long clients send one body after another. */
  readonly awakeSeconds: number
  readonly projectCounts: readonly number[]
  readonly workerCounts: readonly number[]
  /** With how many customers present the same request is measured. */
  readonly growth: readonly number[]
  /** How many small jobs one worker carries out one after another, and how many rows each has. */
  readonly jobs: number
  readonly jobRows: number
  /** Reads and lists are measured with so many customers present. */
  readonly lists: number
  /** Folders of other builds, which are measured beside this one. */
  readonly beside: readonly string[]
  /** A quick look whether all of it works; its times mean nothing. */
  readonly smoke: boolean
  /** Where to write the figures. */
  readonly json: string
  /** Also keep them as those of this version. */
  readonly save: boolean
  /** Also write what was reached into docs/performance.md. */
  readonly writeDocs: boolean
  /** An earlier file of figures. */
  readonly compare?: string | undefined
}

const MANY = 1_000_000
const LONG = { awake: 20, jobs: 500 } as const
/** Figures that mean nothing do not take the place of those that do. */
const SMOKE_JSON = '.prepare/bench/smoke.json'
const LATEST_JSON = 'bench/results/latest.json'
const GROWTH = [10_000, 100_000, MANY] as const

export const HELP = `npm run bench -- [options]

Measures how long a bulk update of 10 MB takes, from sending the request to reading DONE, beside the same work in
hand-written SQL and a COPY of the same rows, all on one PostgreSQL that it starts itself in a temporary folder.
docs/performance.md tells more.

  --shapes LIST    typical, lean (three values each), minimal (a source_id and nothing else) (typical)
  --phases LIST    new, changed, unchanged (all)
  --present LIST   how many other customers are there before (0)
  --rounds N       how often everything is measured (5)

Instead of these, one or more of

  --memory         how much memory is needed at most
  --awake [N]      how fast the API answers while clients send 10 MB bodies for N seconds (${LONG.awake})
  --scale [N]      more projects, more workers, up to N customers present (${MANY}), long reports
  --jobs [N]       whether a worker is as fast after N jobs as at the beginning (${LONG.jobs})
  --lists [N]      reads and lists with N customers present (${MANY})
  --hostile        what bodies of 10 MB that nobody means well with cost an API, and texts those who look at them
  --beside LIST    this build beside those in up to ${MOST_BUILDS} other folders, such as worktrees of git, each with its own
                   \`npm ci\` and \`npm run build\`: two APIs and two workers of each run, and are measured by turns
                   with new and changed customers; takes --shapes, --phases and --rounds, on empty tables
  --all            everything: all of the above but --beside, with 0 and ${MANY} customers present
  --smoke          everything in tiny form: does it all work?

What becomes of the figures

  --json FILE      where to write them (bench/results/latest.json)
  --save           write them to bench/results/<date>-<version>.json too
  --write-docs     write what was reached into docs/performance.md; only with --all
  --compare FILE   show how they differ from those of an earlier run
  --help           this text

It ends with 0 when every result was correct and the yardstick is good, whatever the times are.`

/** Where a number may be left out, and what it is then. */
const NUMBERS_TO_LEAVE_OUT: Readonly<Record<string, number>> = {
  '--awake': LONG.awake,
  '--scale': MANY,
  '--jobs': LONG.jobs,
  '--lists': MANY,
}

/** Undefined when help was asked for; throws when something is not understood. */
export function readOptions(args: readonly string[], clone: string): Options | undefined {
  const { values } = parseArgs({ args: withNumbers(args), options: ARGUMENTS })
  if (values.help) return undefined
  const { all, smoke, save, compare } = values
  const json = values.json ?? jsonFile(clone, smoke)
  const writeDocs = isToWriteDocs(values)
  const common = { save, writeDocs, compare, json, smoke }
  const beside = buildsOf(values)
  if (smoke) return { ...common, ...SMOKE, beside: [clone] }
  const asked = PARTS.filter((part) => part !== 'matrix' && values[part] !== undefined)
  return {
    ...common,
    parts: partsOf(all, asked),
    shapes: wordsOf('--shapes', values.shapes ?? (all ? SHAPES : ['typical']).join(), SHAPES),
    phases: wordsOf('--phases', values.phases, PHASES),
    present: numbersOf('--present', values.present ?? (all ? `0,${MANY}` : '0')),
    bytes: LARGEST_BODY,
    // Longer than a worker takes to have search keys sorted in: 0.25 s for lean customers.
    restMs: 500,
    rounds: wholeNumber('--rounds', values.rounds),
    // V8 compiles for 0.13 s in the second pair of new and changed, and for 0.01 to 0.04 s from the eighth on.
    firstWarmUps: 7,
    queuedRequests: 50,
    awakeSeconds: wholeNumber('--awake', values.awake ?? LONG.awake),
    projectCounts: [1, 2, 4, 8],
    workerCounts: [1, 2, 4],
    growth: growthTo(wholeNumber('--scale', values.scale ?? MANY)),
    jobs: wholeNumber('--jobs', values.jobs ?? LONG.jobs),
    jobRows: 2_000,
    lists: wholeNumber('--lists', values.lists ?? MANY, 200),
    beside,
  }
}

const ARGUMENTS = {
  shapes: { type: 'string' },
  phases: { type: 'string', default: PHASES.join() },
  present: { type: 'string' },
  rounds: { type: 'string', default: '5' },
  memory: { type: 'boolean' },
  awake: { type: 'string' },
  scale: { type: 'string' },
  jobs: { type: 'string' },
  lists: { type: 'string' },
  hostile: { type: 'boolean' },
  beside: { type: 'string' },
  all: { type: 'boolean', default: false },
  smoke: { type: 'boolean', default: false },
  json: { type: 'string' },
  save: { type: 'boolean', default: false },
  'write-docs': { type: 'boolean', default: false },
  compare: { type: 'string' },
  help: { type: 'boolean', default: false },
} as const

const SMOKE = {
  parts: PARTS,
  shapes: SHAPES,
  phases: PHASES,
  present: [0, 1_000],
  bytes: 100_000,
  restMs: 0,
  firstWarmUps: 1,
  rounds: 1,
  queuedRequests: 4,
  awakeSeconds: 1,
  projectCounts: [1, 2],
  workerCounts: [1, 2],
  growth: [500, 1_000],
  jobs: 20,
  jobRows: 100,
  lists: 400,
} as const

interface BesideArguments {
  readonly beside?: string | undefined
  readonly present?: string | undefined
  readonly all: boolean
  readonly smoke: boolean
  readonly save: boolean
}

function isToWriteDocs({
  all,
  smoke,
  ...values
}: {
  all: boolean
  smoke: boolean
  'write-docs': boolean
}): boolean {
  const writeDocs = values['write-docs']
  if (writeDocs && (!all || smoke)) throw new Error('--write-docs goes with --all, and not with --smoke')
  return writeDocs
}

const jsonFile = (clone: string, smoke: boolean): string => join(clone, smoke ? SMOKE_JSON : LATEST_JSON)

/** The usual steps below a number of customers, and the number itself. */
const growthTo = (customers: number): number[] => [...GROWTH.filter((step) => step < customers), customers]

function partsOf(all: boolean, asked: readonly Part[]): readonly Part[] {
  if (all) return PARTS.filter((part) => part !== 'beside')
  return asked.length > 0 ? asked : ['matrix']
}

/** The folders of other builds; throws where there is none, and where another option asks for something else. */
function buildsOf({ beside, all, smoke, save, present }: BesideArguments): string[] {
  if (beside === undefined) return []
  if (all || smoke || save || present !== undefined)
    throw new Error('--beside goes with none of --all, --smoke, --save and --present')
  const folders = beside.split(',').map((folder) => folder.trim())
  if (folders.includes('') || folders.length > MOST_BUILDS)
    throw new Error(`--beside takes one to ${MOST_BUILDS} folders with commas between them`)
  return folders.map(built)
}

function built(folder: string): string {
  const path = resolve(folder)
  if (existsSync(join(path, 'dist', 'main.js'))) return path
  throw new Error(`--beside: no build in ${path}; run npm ci and npm run build there`)
}

const withNumbers = (args: readonly string[]): string[] =>
  Object.entries(NUMBERS_TO_LEAVE_OUT).reduce(
    (all, [option, number]) => withDefault(all, option, String(number)),
    [...args],
  )

function wordsOf<T extends string>(name: string, list: string, known: readonly T[]): readonly T[] {
  const wanted = list.split(',')
  const unknown = wanted.find((word) => !known.some((each) => each === word))
  if (unknown !== undefined) throw new Error(`${name} knows ${known.join(', ')}, but not ${unknown}`)
  return known.filter((each) => wanted.includes(each))
}

const numbersOf = (name: string, list: string): number[] =>
  list.split(',').map((text) => (text === '0' ? 0 : wholeNumber(name, text)))
