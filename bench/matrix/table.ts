import { count, kilo, line, megabytes, spread, sum, thousands } from '../report/format.js'
import { isChangedBy, type Phase, type Shape } from '../payloads.js'
import { type LimitName, LIMITS } from '../yardstick/limit.js'
import { type Round } from './round.js'
import { type CellSummary, type PhaseSummary } from './summary.js'

type Row = (label: string, cell: (phase: PhaseSummary) => string) => string

/** The figures of one kind of customers, with so many there before. */
export function cellTable(summary: CellSummary, rounds: number): string {
  const { shape, present, rows, bytes, phases, copySeconds, limitInCopies } = summary
  const columns = Object.entries(phases) as [Phase, PhaseSummary][]
  const row: Row = (label, cell) => line(label, ...columns.map(([, phase]) => cell(phase)))
  return [
    `${shape}: ${count(rows)} customers in ${count(bytes)} bytes, ${count(present)} others present; median (lowest–highest) of ${rounds}`,
    line('', ...columns.map(([phase]) => nameOf(phase, shape))),
    row('Rollcall, POST to DONE', ({ seconds }) => spread(seconds, 2, ' s')),
    row('  accepted (202) after', ({ acceptedAfter }) => spread(acceptedAfter, 2, ' s')),
    row('  customers per second', ({ rowsPerSecond }) => thousands(rowsPerSecond)),
    ...LIMITS.flatMap((name) => limitRows(row, name)),
    line('COPY of the same rows', spread(copySeconds, 2, ' s')),
    line('  bare limit ÷ COPY', spread(limitInCopies, 1)),
    ...LIMITS.map((name) => row(`${name} limit ÷ Rollcall`, ({ limits }) => spread(limits[name].ratio, 2))),
    row('CPU: API + worker + PostgreSQL', ({ cpu }) =>
      sum(cpu.api.median, cpu.worker.median, cpu.postgres.median),
    ),
    ...LIMITS.map((name) =>
      row(`CPU of ${name} limit: Node + PostgreSQL`, ({ limits: { [name]: limit } }) =>
        sum(limit.cpu.node.median, limit.cpu.postgres.median),
      ),
    ),
    row(
      'WAL per customer (of the limits)',
      ({ wal, limits }) =>
        `${kilo(wal.median)} (${LIMITS.map((name) => kilo(limits[name].wal.median)).join(', ')}) kB`,
    ),
    row(
      'memory (PSS) at most: API, worker',
      ({ memory }) => `${megabytes(memory.api.max)}, ${megabytes(memory.worker.max)}`,
    ),
    row('the first round, to warm up', ({ firstSeconds }) => `${firstSeconds.toFixed(2)} s`),
  ].join('\n')
}

/** One line while it runs. */
export const progressLine = (what: string, { phases }: Round): string =>
  `${what}: ${Object.entries(phases)
    .map(
      ([phase, { ours, limits }]) =>
        `${phase} ${ours.seconds.toFixed(2)} s (limits ${limits.bare.seconds.toFixed(2)}, ${limits.full.seconds.toFixed(2)})`,
    )
    .join(', ')}`

const nameOf = (phase: Phase, shape: Shape): string =>
  phase === 'changed' && !isChangedBy(shape) ? 'all found, nothing new' : `all ${phase}`

const limitRows = (row: Row, name: LimitName): string[] => [
  row(`${name} limit`, ({ limits }) => spread(limits[name].seconds, 2, ' s')),
  row('  customers per second', ({ limits }) => thousands(limits[name].rowsPerSecond)),
]
