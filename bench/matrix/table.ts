import { type Phase, PHASES } from '../payloads.js'
import { type ProcessMemory } from '../system/rollcall.js'
import { type Spread } from '../statistics.js'
import {
  LARGEST_PROCESS_BYTES,
  LONGEST_JOB_IN_LIMITS,
  LONGEST_LIMIT_IN_COPIES,
  type PhaseSummary,
  type ShapeSummary,
} from './summary.js'

const LABEL_WIDTH = 34
const CELL_WIDTH = 34

/** The figures of one kind of customers. */
export function shapeTable(summary: ShapeSummary, rounds: number): string {
  const { shape, rows, bytes, phases, copySeconds, limitInCopies, firstSeconds } = summary
  const row = (label: string, cell: (phase: PhaseSummary) => string): string =>
    line(label, ...PHASES.map((phase) => cell(phases[phase])))
  return [
    `${shape}: ${count(rows)} customers in ${count(bytes)} bytes; median (lowest–highest) of ${rounds}`,
    line('', 'all new', shape === 'minimal' ? 'all found, nothing new' : 'all changed'),
    row('Rollcall, POST to DONE', ({ seconds }) => spread(seconds, 2, ' s')),
    row('  accepted (202) after', ({ acceptedAfter }) => spread(acceptedAfter, 2, ' s')),
    row('  customers per second', ({ rowsPerSecond }) => thousands(rowsPerSecond)),
    row('limit: hand-written SQL', ({ limitSeconds }) => spread(limitSeconds, 2, ' s')),
    row('  customers per second', ({ limitRowsPerSecond }) => thousands(limitRowsPerSecond)),
    line('COPY of the same rows', spread(copySeconds, 2, ' s')),
    line('  limit ÷ COPY', spread(limitInCopies, 1)),
    row('limit ÷ Rollcall', ({ ratio }) => spread(ratio, 2)),
    row('Rollcall ÷ limit', ({ multiple }) => spread(multiple, 2)),
    row('CPU: API + worker + PostgreSQL', ({ cpu }) => sum(cpu.api, cpu.worker, cpu.postgres)),
    row('CPU of the limit: Node + PostgreSQL', ({ cpu }) => sum(cpu.limitNode, cpu.limitPostgres)),
    row('WAL per customer, limit’s beside', ({ wal }) => `${kilo(wal.ours)}, ${kilo(wal.limit)} kB`),
    line(
      'first job of fresh processes',
      ...PHASES.map((phase: Phase) => `${firstSeconds[phase].toFixed(2)} s`),
    ),
  ].join('\n')
}

export function memoryTable(
  requests: number,
  memory: Readonly<Record<'api' | 'worker', ProcessMemory>>,
): string {
  const cells = (figure: (of: ProcessMemory) => number | undefined): string[] =>
    [memory.api, memory.worker].map((each) => megabytes(figure(each)))
  return [
    `memory at most, with ${requests} such requests queued at the end`,
    line('', 'API', 'worker'),
    line('RSS, of the whole run', ...cells(({ peakRss }) => peakRss)),
    line('RSS, requests queued', ...cells(({ rss }) => rss)),
    line('PSS, requests queued', ...cells(({ pss }) => pss)),
  ].join('\n')
}

/** Whether the yardstick may be believed, from its medians. */
export const isYardstickGood = ({ limitInCopies }: ShapeSummary): boolean =>
  limitInCopies.median <= LONGEST_LIMIT_IN_COPIES

/** What is required, and whether it was so this time. The requirements are about 10 MB of typical customers. */
export function requirements(
  summaries: readonly ShapeSummary[],
  memory: Readonly<Record<'api' | 'worker', ProcessMemory>>,
): string {
  const typical = summaries.find(({ shape }) => shape === 'typical')?.phases.new.multiple.median ?? NaN
  const largest = Math.max(memory.api.peakRss ?? NaN, memory.worker.peakRss ?? NaN)
  const verdict = (met: boolean, measured: string): string => `${met ? 'met' : 'NOT MET'} (${measured})`
  return [
    `required: typical new within ${LONGEST_JOB_IN_LIMITS} × the limit … ${verdict(typical <= LONGEST_JOB_IN_LIMITS, typical.toFixed(2))}`,
    `required: no process over ${LARGEST_PROCESS_BYTES / 1e6} MB … ${verdict(largest <= LARGEST_PROCESS_BYTES, megabytes(largest))}`,
  ].join('\n')
}

/** One line while it runs. */
export const progressLine = (
  what: string,
  ours: Record<Phase, number>,
  limit: Record<Phase, number>,
): string =>
  `${what}: ${PHASES.map((phase) => `${phase} ${ours[phase].toFixed(2)} s (limit ${limit[phase].toFixed(2)})`).join(', ')}`

const line = (label: string, ...cells: string[]): string =>
  (label.padEnd(LABEL_WIDTH + 2) + cells.map((cell) => cell.padEnd(CELL_WIDTH)).join('')).trimEnd()

const spread = ({ median, min, max }: Spread, digits: number, unit = ''): string =>
  `${median.toFixed(digits)}${unit} (${min.toFixed(digits)}–${max.toFixed(digits)})`

const thousands = ({ median, min, max }: Spread): string => `${kilo(median)} k (${kilo(min)}–${kilo(max)})`

const sum = (...parts: number[]): string =>
  `${parts.map((part) => part.toFixed(2)).join(' + ')} = ${parts.reduce((one, other) => one + other, 0).toFixed(2)} s`

const kilo = (value: number): string => (value / 1000).toFixed(1)
const count = (value: number): string => value.toLocaleString('en-US')
const megabytes = (bytes: number | undefined): string =>
  bytes === undefined || Number.isNaN(bytes) ? 'not told' : `${(bytes / 1e6).toFixed(0)} MB`
