import { type LimitJob, type OurJob, type Round } from './round.js'
import { type Payload, type Phase, PHASES, type Shape } from '../payloads.js'
import { type Spread, spreadOf } from '../statistics.js'

/** Beyond this many times a COPY of the same rows the yardstick itself is badly written, and proves nothing. */
export const LONGEST_LIMIT_IN_COPIES = 4
/** New typical customers take at most this many times the yardstick. */
export const LONGEST_JOB_IN_LIMITS = 2.5
/** No process may ever need more. */
export const LARGEST_PROCESS_BYTES = 400e6

export interface PhaseSummary {
  readonly seconds: Spread
  readonly acceptedAfter: Spread
  readonly rowsPerSecond: Spread
  readonly limitSeconds: Spread
  readonly limitRowsPerSecond: Spread
  /** Limit ÷ ours, round by round. */
  readonly ratio: Spread
  /** Ours ÷ limit, round by round. */
  readonly multiple: Spread
  /** Medians, in seconds. */
  readonly cpu: Readonly<Record<'api' | 'worker' | 'postgres' | 'limitNode' | 'limitPostgres', number>>
  /** Medians, in bytes of write-ahead log per row. */
  readonly wal: Readonly<Record<'ours' | 'limit', number>>
}

export interface ShapeSummary {
  readonly shape: Shape
  readonly rows: number
  readonly bytes: number
  readonly phases: Readonly<Record<Phase, PhaseSummary>>
  readonly copySeconds: Spread
  /** Yardstick (new) ÷ COPY, round by round. */
  readonly limitInCopies: Spread
  /** The first jobs of fresh processes, which count nowhere else. */
  readonly firstSeconds: Readonly<Record<Phase, number>>
}

export function summarize(
  { shape, rows, bodies }: Payload,
  first: Round,
  rounds: readonly Round[],
): ShapeSummary {
  const ofEachPhase = <T>(summary: (phase: Phase) => T): Record<Phase, T> =>
    Object.fromEntries(PHASES.map((phase) => [phase, summary(phase)])) as Record<Phase, T>
  return {
    shape,
    rows,
    bytes: bodies.new.length,
    phases: ofEachPhase((phase) => summarizePhase(rows, phase, rounds)),
    copySeconds: spreadOf(rounds.map((round) => round.copySeconds)),
    limitInCopies: spreadOf(rounds.map((round) => round.phases.new.limit.seconds / round.copySeconds)),
    firstSeconds: ofEachPhase((phase) => first.phases[phase].ours.seconds),
  }
}

function summarizePhase(rows: number, phase: Phase, rounds: readonly Round[]): PhaseSummary {
  const pairs = rounds.map((round) => round.phases[phase])
  const spread = (figure: (ours: OurJob, limit: LimitJob) => number): Spread =>
    spreadOf(pairs.map(({ ours, limit }) => figure(ours, limit)))
  const median = (figure: (ours: OurJob, limit: LimitJob) => number): number => spread(figure).median
  return {
    seconds: spread((ours) => ours.seconds),
    acceptedAfter: spread((ours) => ours.acceptedAfter),
    rowsPerSecond: spread((ours) => rows / ours.seconds),
    limitSeconds: spread((_, limit) => limit.seconds),
    limitRowsPerSecond: spread((_, limit) => rows / limit.seconds),
    ratio: spread((ours, limit) => limit.seconds / ours.seconds),
    multiple: spread((ours, limit) => ours.seconds / limit.seconds),
    cpu: {
      api: median((ours) => ours.cpu.api),
      worker: median((ours) => ours.cpu.worker),
      postgres: median((ours) => ours.cpu.postgres),
      limitNode: median((_, limit) => limit.cpu.node),
      limitPostgres: median((_, limit) => limit.cpu.postgres),
    },
    wal: { ours: median((ours) => ours.walBytes) / rows, limit: median((_, limit) => limit.walBytes) / rows },
  }
}
