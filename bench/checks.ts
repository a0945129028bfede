import { isChangedBy, makeCustomer, type Payload, type Phase } from './payloads.js'
import { type FinishedAction, type Project, type Rollcall } from './system/rollcall.js'
import { type LimitCounts } from './yardstick/limit.js'

/** A result that is not what it must be. Fast and wrong is worth nothing, so this ends the bench. */
export class WrongResultError extends Error {}

export function same(what: string, found: unknown, wanted: unknown): void {
  if (found !== wanted)
    throw new WrongResultError(`Wrong: ${what} is ${String(found)}, not ${String(wanted)}`)
}

/** What a job must have left behind, after the phases up to this one. */
interface Expected {
  readonly rows: number
  /** Of the customers, the events of all phases so far. */
  readonly events: number
  /** How the report ends every line. */
  readonly lineEnd: string
  /** How the yardstick notes every row. */
  readonly outcome: string
}

function expectedOf({ shape, rows }: Payload, phase: Phase): Expected {
  if (phase === 'new') return { rows, events: rows, lineEnd: ',false,true,,,', outcome: 'u' }
  const events = isChangedBy(shape) ? 2 * rows : rows
  return phase === 'changed' && isChangedBy(shape)
    ? { rows, events, lineEnd: ',true,true,,,', outcome: 'c' }
    : { rows, events, lineEnd: ',true,false,,,', outcome: 'n' }
}

/** Status, report, tables and one customer of a job that is done; `lastId` is of those who were there before. */
export async function checkJob(
  rollcall: Rollcall,
  project: Project,
  payload: Payload,
  phase: Phase,
  { action, lastId }: { action: FinishedAction; lastId: string },
): Promise<void> {
  const expected = expectedOf(payload, phase)
  checkAction(rollcall, action, expected.rows)
  checkReport(await read(project.http, action.result?.reports[0]), expected)
  const { customers, events } = await rollcall.count(project, lastId)
  same('customers', customers, expected.rows)
  same('events of customers', events, expected.events)
  await checkLastCustomer(project.http, payload, phase)
}

/** An action all of whose rows were carried out. */
export function checkAction(rollcall: Rollcall, { status, result }: FinishedAction, rows: number): void {
  same('an end of the API or a worker', rollcall.processes.wasInterrupted, false)
  same('status', status, 'DONE')
  same('done_count', result?.done_count, rows)
  same('failed_count', result?.failed_count, 0)
}

/** What a limit wrote in its last run. */
export function checkLimit(counts: LimitCounts, payload: Payload, phase: Phase): void {
  const { rows, events, outcome } = expectedOf(payload, phase)
  same('customers of the yardstick', counts.customers, rows)
  same('events of the yardstick', counts.events, events)
  same('results of the yardstick', counts.outcomes === outcome.repeat(rows), true)
}

function checkReport(report: string, { rows, lineEnd }: Expected): void {
  const [, ...lines] = report.split('\r\n').slice(0, -1)
  same('lines of the report', lines.length, rows)
  same(
    'a line of the report that is wrong',
    lines.find((line) => !line.endsWith(lineEnd)),
    undefined,
  )
}

/** The last row stands for all: its values are the ones that were sent. */
async function checkLastCustomer(
  http: Project['http'],
  { shape, rows }: Payload,
  phase: Phase,
): Promise<void> {
  const sent = makeCustomer(shape, rows - 1, phase)
  const stored = JSON.parse(await read(http, `/v1/customers/${sent.source_id}`)) as Record<string, unknown>
  for (const [key, value] of Object.entries(sent)) {
    if (typeof value === 'string') same(`${key} of the last customer`, stored[key], value)
  }
}

async function read(http: Project['http'], path = ''): Promise<string> {
  const { status, text } = await http.get(path)
  same(`status of GET ${path}`, status, 200)
  return text
}
