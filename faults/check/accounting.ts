import { parse } from 'csv-parse/sync'
import { stampOf } from '../load/bulk-client.js'
import { type BulkRequest } from '../load/history.js'
import { effectsOf, type Facts } from './facts.js'
import { type Turns } from './turns.js'

type Line = Record<'source_id' | 'found' | 'updated' | 'key', string>

/** Every action ends DONE, its counts add up, and its report has every row, in the order of the rows. */
export function checkAccounting(
  facts: Facts,
  { byAction }: Turns,
  reports: ReadonlyMap<string, string>,
): string[] {
  const isNew = new Map(effectsOf(facts).map((effect) => [effect.stamp, effect.isNew]))
  const unfinished = facts.actions.filter(({ status }) => status !== 'DONE')
  const problems = unfinished.map(({ id, status }) => `${id} is ${status}`)
  for (const action of facts.actions) {
    const request = byAction.get(action.id)
    if (request === undefined) continue
    const { rows, fates, name } = request
    const failed = fates.filter((fate) => fate !== 'applied').length
    if (action.row_count !== rows.length || action.rows_done !== rows.length || action.rows_failed !== failed)
      problems.push(
        `${name} has ${rows.length} rows, ${failed} of them wrong; its counts are ${action.row_count}, ${action.rows_done}, ${action.rows_failed}`,
      )
    // Of one that was never answered nobody knows the id, and so cannot have the report.
    if (request.actionId !== undefined) problems.push(...checkReport(request, isNew, reports.get(name)))
  }
  return problems
}

function checkReport(
  request: BulkRequest,
  isNew: ReadonlyMap<string, boolean>,
  report: string | undefined,
): string[] {
  const { name, rows, fates } = request
  if (report === undefined) return [`${name} has no report`]
  if (request.report !== undefined && request.report !== report) return [`The report of ${name} has changed`]
  const lines: Line[] = parse(report, { columns: true })
  if (lines.length !== rows.length)
    return [`The report of ${name} has ${lines.length} lines for ${rows.length} rows`]
  const wrong = lines.findIndex((line, index) => {
    if (line.source_id !== rows[index]?.source_id) return true
    const fate = fates[index] ?? 'applied'
    if (fate !== 'applied') return line.updated !== 'false' || line.key !== KEYS[fate]
    return line.updated !== 'true' || line.found !== String(!isNew.get(stampOf(name, index)))
  })
  return wrong === -1
    ? []
    : [`Line ${wrong + 1} of the report of ${name} is wrong: ${JSON.stringify(lines[wrong])}`]
}

const KEYS = { refused: 'invalid_payload', 'given up': 'internal_error' } as const

const RANKS = ['ENQUEUED', 'IN_PROGRESS', 'DONE', 'FAILED']

/** Status and progress never go back, and 100 means the end. */
export function checkStatuses({ inTurn }: Turns): string[] {
  return inTurn.flatMap(({ name, seen }) => {
    const wrong = seen.find(({ status, progress }, index) => {
      const before = seen[index - 1] ?? { status: 'ENQUEUED', progress: 0 }
      const isEnd = status === 'DONE' || status === 'FAILED'
      return (
        RANKS.indexOf(status) < RANKS.indexOf(before.status) ||
        progress < before.progress ||
        (status === 'DONE') !== (progress === 100) ||
        (isEnd && index < seen.length - 1)
      )
    })
    return wrong ? [`${name} was seen as ${JSON.stringify(seen)}`] : []
  })
}
