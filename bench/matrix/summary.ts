import { type Payload, type Phase, type Shape } from '../payloads.js'
import { type Spread, spreadOf } from '../statistics.js'
import { type LimitName } from '../yardstick/limit.js'
import { type PhaseOfRound, type Round } from './round.js'

/** Beyond this many times a COPY of the same rows the yardstick itself is badly written, and proves nothing. */
export const LONGEST_LIMIT_IN_COPIES = 4

/** Of one limit; its jobs and ours, round by round. CPU in seconds, write-ahead log in bytes per row. */
export interface LimitSummary {
  readonly seconds: Spread
  readonly rowsPerSecond: Spread
  /** Limit ÷ ours. */
  readonly ratio: Spread
  readonly cpu: Readonly<Record<'node' | 'postgres', Spread>>
  readonly wal: Spread
  /** WAL per row, ours ÷ limit. */
  readonly walMultiple: Spread
}

export interface PhaseSummary {
  readonly seconds: Spread
  readonly acceptedAfter: Spread
  readonly rowsPerSecond: Spread
  /** In seconds. */
  readonly cpu: Readonly<Record<'api' | 'worker' | 'postgres', Spread>>
  /** The peaks of all rounds, in bytes. */
  readonly memory: Readonly<Record<'api' | 'worker', Spread>>
  /** Bytes of write-ahead log per row. */
  readonly wal: Spread
  readonly limits: Readonly<Record<LimitName, LimitSummary>>
  /** The job of the first round, which warms up and counts nowhere else. */
  readonly firstSeconds: number
}

export interface CellSummary {
  readonly shape: Shape
  readonly present: number
  readonly rows: number
  readonly bytes: number
  readonly phases: Readonly<Partial<Record<Phase, PhaseSummary>>>
  readonly copySeconds: Spread
  /** Bare limit (new) ÷ COPY, round by round. */
  readonly limitInCopies: Spread
}

/** `phases` are the ones that are wanted; others may have been needed to get there. */
export function summarize(
  { shape, rows, bodies }: Payload,
  present: number,
  phases: readonly Phase[],
  { first, counted }: { readonly first: Round | undefined; readonly counted: readonly Round[] },
): CellSummary {
  const ofRounds = (phase: Phase): PhaseOfRound[] => counted.flatMap((round) => round.phases[phase] ?? [])
  const bareNew = ofRounds('new').map(({ limits }) => limits.bare.seconds)
  const summaryOf = (phase: Phase): PhaseSummary => ({
    ...summarizePhase(rows, ofRounds(phase)),
    firstSeconds: first?.phases[phase]?.ours.seconds ?? NaN,
  })
  return {
    shape,
    present,
    rows,
    bytes: bodies.new.length,
    phases: Object.fromEntries(phases.map((phase) => [phase, summaryOf(phase)])),
    copySeconds: spreadOf(counted.map((round) => round.copySeconds)),
    limitInCopies: spreadOf(counted.map(({ copySeconds }, index) => (bareNew[index] ?? NaN) / copySeconds)),
  }
}

function summarizePhase(rows: number, jobs: readonly PhaseOfRound[]): Omit<PhaseSummary, 'firstSeconds'> {
  const spread = (figure: (job: PhaseOfRound) => number): Spread => spreadOf(jobs.map(figure))
  return {
    seconds: spread(({ ours }) => ours.seconds),
    acceptedAfter: spread(({ ours }) => ours.acceptedAfter),
    rowsPerSecond: spread(({ ours }) => rows / ours.seconds),
    cpu: {
      api: spread(({ ours }) => ours.cpu.api),
      worker: spread(({ ours }) => ours.cpu.worker),
      postgres: spread(({ ours }) => ours.cpu.postgres),
    },
    memory: {
      api: spread(({ ours }) => ours.memory.api),
      worker: spread(({ ours }) => ours.memory.worker),
    },
    wal: spread(({ ours }) => ours.walBytes / rows),
    limits: { bare: summarizeLimit(rows, jobs, 'bare'), full: summarizeLimit(rows, jobs, 'full') },
  }
}

function summarizeLimit(rows: number, jobs: readonly PhaseOfRound[], name: LimitName): LimitSummary {
  const spread = (figure: (job: PhaseOfRound) => number): Spread => spreadOf(jobs.map(figure))
  return {
    seconds: spread(({ limits }) => limits[name].seconds),
    rowsPerSecond: spread(({ limits }) => rows / limits[name].seconds),
    ratio: spread(({ ours, limits }) => limits[name].seconds / ours.seconds),
    cpu: {
      node: spread(({ limits }) => limits[name].cpu.node),
      postgres: spread(({ limits }) => limits[name].cpu.postgres),
    },
    wal: spread(({ limits }) => limits[name].walBytes / rows),
    walMultiple: spread(({ ours, limits }) => ours.walBytes / limits[name].walBytes),
  }
}
