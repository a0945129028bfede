import { say } from '../../rig/program.js'
import { type Context, type Findings } from '../context.js'
import { makePayload, PHASES, type Shape } from '../payloads.js'
import { PresentCustomers } from '../system/present.js'
import { type Rollcall, withRollcall } from '../system/rollcall.js'
import { YardstickClient } from '../yardstick/yardstick-client.js'
import { figuresOf } from './figures.js'
import { type Round, runRound, type Stage } from './round.js'
import { type CellSummary, LONGEST_LIMIT_IN_COPIES, summarize } from './summary.js'
import { cellTable, progressLine } from './table.js'

const YARDSTICK_DATABASE = 'bench_yardstick'

/** One kind of customers with so many others present. */
interface Cell {
  readonly summary: CellSummary
  readonly rounds: readonly Round[]
}

/** Bulk requests of each kind beside the limits, on empty tables and on full ones. */
export async function measureMatrix(context: Context): Promise<Findings> {
  const { servers, options } = context
  const yardstick = new YardstickClient()
  context.stopList.add(() => yardstick.stop())
  try {
    await yardstick.ask('connect', await servers.addDatabase(YARDSTICK_DATABASE))
    const cells = await withRollcall(context, { name: 'bench_matrix' }, (rollcall) =>
      servers.withoutAutovacuum(() => measureCells(context, rollcall, yardstick)),
    )
    const summaries = cells.map(({ summary }) => summary)
    return {
      text: summaries.map((summary) => cellTable(summary, options.rounds)).join('\n\n'),
      figures: summaries.flatMap(figuresOf),
      details: cells,
      problem: options.smoke ? undefined : doubtsOn(summaries),
    }
  } finally {
    await yardstick.stop()
    await servers.dropDatabase(YARDSTICK_DATABASE)
  }
}

async function measureCells(
  { options, servers }: Context,
  rollcall: Rollcall,
  yardstick: YardstickClient,
): Promise<Cell[]> {
  const cells: Cell[] = []
  for (const count of options.present) {
    const present = await fill(rollcall, yardstick, count)
    const stage = { servers, rollcall, yardstick, present, restMs: options.restMs }
    for (const shape of options.shapes) {
      const warmUps = cells.length === 0 ? options.firstWarmUps : 1
      cells.push(await measureCell(stage, shape, options, warmUps))
    }
  }
  return cells
}

async function fill(
  rollcall: Rollcall,
  yardstick: YardstickClient,
  count: number,
): Promise<PresentCustomers | undefined> {
  await rollcall.empty()
  await yardstick.ask('fill', count)
  if (count === 0) return undefined
  const present = new PresentCustomers(rollcall, await rollcall.addProject('Present'))
  await present.fill(count)
  return present
}

/** Some rounds to warm up, then those that count. */
async function measureCell(
  stage: Stage,
  shape: Shape,
  { bytes, phases, rounds: count }: Context['options'],
  warmUps: number,
): Promise<Cell> {
  const payload = makePayload(shape, bytes)
  await stage.yardstick.ask('load', shape, bytes)
  const present = stage.present?.count ?? 0
  const needed = PHASES.slice(0, 1 + Math.max(...phases.map((phase) => PHASES.indexOf(phase))))
  const rounds: Round[] = []
  for (let number = 0; number < warmUps + count; number++) {
    const round = await runRound(stage, payload, needed, number)
    rounds.push(round)
    const which = number < warmUps ? 'warming up' : `${number - warmUps + 1} of ${count}`
    say(progressLine(`${shape}, ${present} present, ${which}`, round))
  }
  const [first, counted] = [rounds[0], rounds.slice(warmUps)]
  return { summary: summarize(payload, present, phases, { first, counted }), rounds }
}

/** Why the yardstick may not be believed: from its medians on empty tables, as COPY's table is always empty. */
function doubtsOn(summaries: readonly CellSummary[]): string | undefined {
  const bad = summaries.filter(
    ({ present, limitInCopies }) => present === 0 && limitInCopies.median > LONGEST_LIMIT_IN_COPIES,
  )
  if (bad.length === 0) return undefined
  const shapes = bad.map(({ shape }) => shape).join(', ')
  return `The yardstick is invalid (${shapes}): it took more than ${LONGEST_LIMIT_IN_COPIES} times the COPY. Is the machine busy?`
}
