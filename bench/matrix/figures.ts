import { figure, type Figure } from '../report/figures.js'
import { type Phase } from '../payloads.js'
import { LIMITS } from '../yardstick/limit.js'
import { type CellSummary, type PhaseSummary } from './summary.js'

/** How the figures of a phase are called. */
export const phaseName = (shape: string, phase: string, present: number): string =>
  `${shape} ${phase}, ${present.toLocaleString('en-US')} present`

export function figuresOf({ shape, present, phases, copySeconds, limitInCopies }: CellSummary): Figure[] {
  const copyName = phaseName(shape, 'COPY', present)
  return [
    ...(Object.entries(phases) as [Phase, PhaseSummary][]).flatMap(([phase, summary]) =>
      figuresOfPhase(phaseName(shape, phase, present), summary),
    ),
    figure(`${copyName}: seconds`, 's', copySeconds),
    figure(`${copyName}: bare limit ÷ COPY`, 'multiple', limitInCopies),
  ]
}

function figuresOfPhase(name: string, summary: PhaseSummary): Figure[] {
  const { seconds, acceptedAfter, rowsPerSecond, cpu, memory, wal, limits } = summary
  return [
    figure(`${name}: POST to DONE`, 's', seconds),
    figure(`${name}: accepted after`, 's', acceptedAfter),
    figure(`${name}: customers per second`, 'rows/s', rowsPerSecond),
    figure(`${name}: CPU of the API`, 's', cpu.api),
    figure(`${name}: CPU of the worker`, 's', cpu.worker),
    figure(`${name}: CPU of PostgreSQL`, 's', cpu.postgres),
    figure(`${name}: memory of the API`, 'bytes', memory.api),
    figure(`${name}: memory of the worker`, 'bytes', memory.worker),
    figure(`${name}: WAL per customer`, 'bytes', wal),
    ...LIMITS.flatMap((limit) => [
      figure(`${name}: ${limit} limit`, 's', limits[limit].seconds),
      figure(`${name}: ${limit} limit ÷ Rollcall`, 'ratio', limits[limit].ratio),
      figure(`${name}: WAL ÷ ${limit} limit’s`, 'multiple', limits[limit].walMultiple),
    ]),
  ]
}
