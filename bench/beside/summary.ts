import { type Findings } from '../context.js'
import { type Phase, PHASES, type Shape } from '../payloads.js'
import { figure } from '../report/figures.js'
import { line, megabytes, spread } from '../report/format.js'
import { average, pairedRatio, type Ratio, type Spread, spreadOf } from '../statistics.js'

/** Seconds from POST to DONE and of CPU; bytes of the worker's memory (PSS) at most. */
export interface Job {
  readonly seconds: number
  readonly api: number
  readonly worker: number
  readonly postgres: number
  readonly memory: number
}

/** What a copy of a build did in its turn. */
export interface BuildRound {
  readonly build: number
  readonly number: number
  readonly shape: Shape
  readonly jobs: Readonly<Partial<Record<Phase, Job>>>
}

/** What was measured of one phase of a kind of customers; of each build its rounds, and in each of them its copies' jobs. */
interface Cell {
  readonly name: string
  readonly builds: readonly (readonly (readonly Job[])[])[]
}

const CPU = ['api', 'worker', 'postgres'] as const

/** The first of the builds is that which the others are held against. */
export function summarizeBuilds(folders: readonly string[], rounds: readonly BuildRound[]): Findings {
  const cells = cellsOf(folders.length, rounds)
  const legend = folders.map((folder, build) => `${nameOf(build)}: ${folder}`)
  return {
    text: [...legend, ...cells.map(table)].join('\n\n'),
    figures: cells.flatMap(({ name, builds }) =>
      builds.map((jobs, build) => figure(`${name}, ${nameOf(build)}`, 's', secondsOf(jobs.flat()))),
    ),
    details: rounds,
  }
}

function cellsOf(builds: number, rounds: readonly BuildRound[]): Cell[] {
  const shapes = [...new Set(rounds.map(({ shape }) => shape))]
  return shapes.flatMap((shape) =>
    PHASES.map((phase) => ({
      name: `${shape} ${phase}`,
      builds: Array.from({ length: builds }, (_, build) =>
        byRound(
          rounds.filter((round) => round.build === build && round.shape === shape),
          phase,
        ),
      ),
    })).filter(({ builds: [first] }) => first !== undefined && first.length > 0),
  )
}

function byRound(rounds: readonly BuildRound[], phase: Phase): Job[][] {
  const jobs = new Map<number, Job[]>()
  for (const round of rounds) {
    const job = round.jobs[phase]
    if (job) jobs.set(round.number, [...(jobs.get(round.number) ?? []), job])
  }
  return [...jobs.values()]
}

function table({ name, builds }: Cell): string {
  const row = (label: string, cell: (jobs: readonly Job[]) => string): string =>
    line(label, ...builds.map((rounds) => cell(rounds.flat())))
  const means = builds.map((rounds) => rounds.map((jobs) => average(jobs.map(({ seconds }) => seconds))))
  return [
    line(name, ...builds.map((_, build) => nameOf(build))),
    row('POST to DONE', (jobs) => spread(secondsOf(jobs), 3, ' s')),
    line('  ÷ that of this build', ...means.map((each) => besides(pairedRatio(each, means[0] ?? [])))),
    ...CPU.map((role) =>
      row(`CPU of ${role}`, (jobs) => spread(spreadOf(jobs.map((job) => job[role])), 3, ' s')),
    ),
    row('memory of a worker at most', (jobs) => megabytes(Math.max(...jobs.map(({ memory }) => memory)))),
  ].join('\n')
}

const secondsOf = (jobs: readonly Job[]): Spread => spreadOf(jobs.map(({ seconds }) => seconds))
const besides = ({ mean, error }: Ratio): string => `${mean.toFixed(3)} ± ${error.toFixed(3)}`
const nameOf = (build: number): string => (build === 0 ? 'this build' : `build ${build + 1}`)
