import { type Findings } from '../context.js'
import { type Phase, PHASES, type Shape } from '../payloads.js'
import { figure } from '../report/figures.js'
import { line, megabytes, spread } from '../report/format.js'
import { pairedRatio, type Ratio, spreadOf } from '../statistics.js'

/** Seconds from POST to DONE, until the 202, and of CPU; bytes of the worker's memory (PSS) at most. */
export interface Job {
  readonly seconds: number
  readonly acceptedAfter: number
  readonly api: number
  readonly worker: number
  readonly postgres: number
  readonly memory: number
}

/** What a copy of a build did when it was its turn. */
export interface Turn {
  readonly build: number
  readonly copy: number
  readonly number: number
  readonly shape: Shape
  readonly jobs: Readonly<Partial<Record<Phase, Job>>>
}

/** What was measured of one phase of a kind of customers. */
interface Cell {
  readonly name: string
  readonly builds: readonly Copies[]
}

/** The copies of a build, and of each its jobs, one for each round. */
type Copies = readonly (readonly Job[])[]

const CPU = ['api', 'worker', 'postgres'] as const

/** The first of the builds is that which the others are held against. */
export function summarizeBuilds(names: readonly string[], turns: readonly Turn[]): Findings {
  const cells = cellsOf(names.length, turns)
  const legend = names.map((name, build) => `${nameOf(build)}: ${name}`)
  return {
    text: [...legend, ...cells.map(table)].join('\n\n'),
    figures: cells.flatMap(({ name, builds }) =>
      builds.map((copies, build) =>
        figure(`${name}, ${nameOf(build)}`, 's', spreadOf(secondsOf(copies).flat())),
      ),
    ),
    details: turns,
  }
}

function cellsOf(builds: number, turns: readonly Turn[]): Cell[] {
  const shapes = [...new Set(turns.map(({ shape }) => shape))]
  return shapes.flatMap((shape) =>
    PHASES.map((phase) => ({
      name: `${shape} ${phase}`,
      builds: Array.from({ length: builds }, (_, build) =>
        copiesOf(
          turns.filter((turn) => turn.build === build && turn.shape === shape),
          phase,
        ),
      ),
    })).filter(({ builds: [first] }) => first !== undefined && first.length > 0),
  )
}

function copiesOf(turns: readonly Turn[], phase: Phase): Job[][] {
  const copies: Job[][] = []
  for (const { copy, jobs } of turns) {
    const job = jobs[phase]
    if (job) (copies[copy] ??= []).push(job)
  }
  return copies
}

function table({ name, builds }: Cell): string {
  const row = (label: string, cell: (copies: Copies) => string): string => line(label, ...builds.map(cell))
  const [first = []] = builds
  return [
    line(name, ...builds.map((_, build) => nameOf(build))),
    row('POST to DONE', (copies) => spread(spreadOf(secondsOf(copies).flat()), 3, ' s')),
    row('  each copy', (copies) => secondsOf(copies).map(middleOf).join(', ')),
    row('  ÷ that of this build', (copies) =>
      copies === first ? '1' : showRatio(pairedRatio(secondsOf(copies), secondsOf(first))),
    ),
    row('  accepted (202) after', (copies) =>
      spread(spreadOf(copies.flat().map(({ acceptedAfter }) => acceptedAfter)), 3, ' s'),
    ),
    ...CPU.map((role) =>
      row(`CPU of ${role}`, (copies) => spread(spreadOf(copies.flat().map((job) => job[role])), 3, ' s')),
    ),
    row('memory of a worker at most', (copies) =>
      megabytes(Math.max(...copies.flat().map(({ memory }) => memory))),
    ),
  ].join('\n')
}

const secondsOf = (copies: Copies): number[][] => copies.map((jobs) => jobs.map(({ seconds }) => seconds))
const middleOf = (seconds: readonly number[]): string => `${spreadOf(seconds).median.toFixed(3)} s`
const showRatio = ({ mean, error }: Ratio): string =>
  `${mean.toFixed(3)} ± ${Number.isNaN(error) ? 'not told' : error.toFixed(3)}`
const nameOf = (build: number): string => (build === 0 ? 'this build' : `build ${build + 1}`)
