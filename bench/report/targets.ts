import { ACCEPTED, ACCEPTED_ALONE, GET, LOOP } from '../awake/names.js'
import { phaseName } from '../matrix/figures.js'
import { PHASES, type Phase, type Shape, SHAPES } from '../payloads.js'
import { growthName, throughputName } from '../scale/names.js'
import { type Figure, isMoreBetter } from './figures.js'

/** Something that Rollcall is to reach, and what was measured of it. */
export interface Target {
  readonly what: string
  /** What to give to `npm run bench --`. */
  readonly command: string
  readonly measured: Figure
  /** The same beside the full limit, where there is one. */
  readonly besideFull?: Figure | undefined
  /** A lower bound of what is the better the more it is, of anything else an upper bound. Undefined for none. */
  readonly bound?: number | undefined
  /** What would be excellent. */
  readonly farBound?: number | undefined
}

type Find = (name: string) => Figure | undefined

/** Bytes that a process may need. */
const MOST_MEMORY = 250e6
/** How much slower "as fast as before" may come out on a machine that is never quite the same twice. */
const AS_FAST = 1.25
const PRESENT = [0, 1_000_000]

/** The targets of which something was measured. */
export function targetsIn(figures: readonly Figure[]): Target[] {
  const byName = new Map(figures.map((figure) => [figure.name, figure]))
  const find: Find = (name) => byName.get(name)
  return [
    ...PRESENT.flatMap((present) => SHAPES.flatMap((shape) => ratios(find, shape, present))),
    ...accepted(find),
    ...wal(find),
    ...SHAPES.flatMap((shape) => yardstick(find, shape)),
    ...startingWith(figures, 'memory, ').map((measured) => memory(measured, '--memory')),
    ...awake(find),
    ...throughput(figures, find),
    ...growth(figures, find),
    ...startingWith(figures, 'download of a report: memory of the API at most').map((measured) =>
      memory(measured, '--scale'),
    ),
    ...manyJobs(find),
  ]
}

/** Undefined when nothing is required, or nothing could be measured. */
export function isMet({ measured, bound }: Target): boolean | undefined {
  if (bound === undefined || Number.isNaN(measured.median)) return undefined
  return isMoreBetter(measured.unit) ? measured.median >= bound : measured.median <= bound
}

/** What the limit takes ÷ what we take. */
function ratios(find: Find, shape: Shape, present: number): Target[] {
  const others = present === 0 ? '' : ` --present ${present}`
  return PHASES.flatMap((phase) => {
    const name = phaseName(shape, phase, present)
    const measured = find(`${name}: bare limit ÷ Rollcall`)
    if (measured === undefined) return []
    return {
      what: `${name}: limit ÷ Rollcall`,
      command: `--shapes ${shape}${others}`,
      measured,
      besideFull: find(`${name}: full limit ÷ Rollcall`),
      ...boundsOf(shape, phase, present),
    }
  })
}

function boundsOf(shape: Shape, phase: Phase, present: number): Pick<Target, 'bound' | 'farBound'> {
  if (phase === 'unchanged') return {}
  if (shape !== 'typical' || present > 0) return { bound: 0.55, farBound: 0.75 }
  return phase === 'new' ? { bound: 0.7, farBound: 0.85 } : { bound: 0.6, farBound: 0.8 }
}

/** A request that comes alone; what five clients at once wait for is told with the rest of that. */
const accepted = (find: Find): Target[] => {
  const name = `${phaseName('typical', 'new', 0)}: accepted after`
  return target(find(name), { what: name, command: '--shapes typical', bound: 0.25 })
}

const wal = (find: Find): Target[] =>
  (['new', 'changed'] as const).flatMap((phase) => {
    const name = phaseName('typical', phase, 0)
    const besideFull = find(`${name}: WAL ÷ full limit’s`)
    const what = `${name}: write-ahead log ÷ that of the limit`
    return target(find(`${name}: WAL ÷ bare limit’s`), { what, command: '', besideFull, bound: 1.25 })
  })

const yardstick = (find: Find, shape: Shape): Target[] =>
  target(find(`${phaseName(shape, 'COPY', 0)}: bare limit ÷ COPY`), {
    what: `${shape}: bare limit ÷ COPY of the same rows`,
    command: `--shapes ${shape}`,
    bound: 4,
  })

const memory = (measured: Figure, command: string): Target => ({
  what: measured.name,
  command,
  measured,
  bound: MOST_MEMORY,
})

/**
 * Acceptance is required of its median, as on an idle machine, and only where one client sends: a request takes the API
 * 0.11 s of CPU, so that five at once take 0.28 s on two cores even if nothing else ran.
 */
const awake = (find: Find): Target[] =>
  [
    { what: `${GET}: p99`, bound: 100 },
    { what: `${ACCEPTED_ALONE}: p50`, bound: 250 },
    { what: `${ACCEPTED_ALONE}: p99`, bound: undefined },
    { what: `${ACCEPTED}: p50`, bound: undefined },
    { what: `${ACCEPTED}: p99`, bound: undefined },
    { what: `${LOOP}: p99`, bound: 50 },
  ].flatMap(({ what, bound }) => target(find(what), { what, command: '--awake', bound }))

/** The most that several projects reach, in multiples of one with one worker. */
function throughput(figures: readonly Figure[], find: Find): Target[] {
  const one = find(throughputName(1, 1))
  const several = startingWith(figures, 'throughput, ').filter(({ name }) => !name.includes(' 1 project,'))
  const best = several.toSorted((one, other) => other.median - one.median)[0]
  if (one === undefined || best === undefined) return []
  return target(inMultiplesOf(one, best, 'ratio'), {
    what: `${best.name} ÷ 1 project, 1 worker`,
    command: '--scale',
    bound: 1,
  })
}

/** What the same request costs with many customers present, in multiples of what it costs with few. */
function growth(figures: readonly Figure[], find: Find): Target[] {
  return (['new', 'changed'] as const).flatMap((phase) => {
    const few = find(growthName(phase, 10_000))
    const many = startingWith(figures, 'growth, ').filter(
      ({ name }) => name.endsWith(phase) && name !== few?.name,
    )
    if (few === undefined) return []
    return many.flatMap((each) =>
      target(inMultiplesOf(few, each, 'multiple'), {
        what: `${each.name} ÷ with 10,000`,
        command: '--scale',
        bound: AS_FAST,
      }),
    )
  })
}

const manyJobs = (find: Find): Target[] => [
  ...target(find('many jobs: last ÷ early'), {
    what: 'many jobs of one worker: seconds of the last ÷ of the early ones',
    command: '--jobs',
    bound: AS_FAST,
  }),
  ...['API', 'worker'].flatMap((process) => {
    const measured = find(`many jobs: memory of the ${process}`)
    return measured === undefined ? [] : memory(measured, '--jobs')
  }),
]

/** None when it was not measured. */
const target = (measured: Figure | undefined, rest: Omit<Target, 'measured'>): Target[] =>
  measured === undefined ? [] : [{ ...rest, measured }]

const startingWith = (figures: readonly Figure[], beginning: string): Figure[] =>
  figures.filter(({ name }) => name.startsWith(beginning))

/** The lowest and the highest are of the one figure alone; the other one stands by its median. */
const inMultiplesOf = (one: Figure, other: Figure, unit: 'ratio' | 'multiple'): Figure => ({
  name: other.name,
  unit,
  median: other.median / one.median,
  min: other.min / one.median,
  max: other.max / one.median,
})
