import { say } from '../../rig/program.js'
import { checkAction } from '../checks.js'
import { type Context } from '../context.js'
import { makePayload, type Payload } from '../payloads.js'
import { spread } from '../report/format.js'
import { type Figure, figure } from '../report/figures.js'
import { type Spread, spreadOf } from '../statistics.js'
import { type Project, type Rollcall, withRollcall } from '../system/rollcall.js'
import { many, throughputName } from './names.js'

const CELL_WIDTH = 22

interface Throughput {
  readonly projects: number
  readonly workers: number
  readonly rowsPerSecond: Spread
}

/** How many rows a second are carried out for several projects by several workers. */
export async function measureThroughput(context: Context): Promise<{ text: string; figures: Figure[] }> {
  const { bytes, rounds, projectCounts, workerCounts } = context.options
  const payload = makePayload('typical', bytes)
  const cells: Throughput[] = []
  for (const workers of workerCounts) {
    await withRollcall(context, { name: 'bench_throughput', workers }, async (rollcall) => {
      await runOnce(rollcall, workers, payload) // warms up
      for (const projects of projectCounts) {
        const speeds: number[] = []
        for (let round = 0; round < rounds; round++) speeds.push(await runOnce(rollcall, projects, payload))
        const cell = { projects, workers, rowsPerSecond: spreadOf(speeds) }
        say(`${throughputName(projects, workers)}: ${show(cell.rowsPerSecond)} thousand rows/s`)
        cells.push(cell)
      }
    })
  }
  return { text: table(cells, workerCounts, projectCounts), figures: cells.map(figureOf) }
}

/** For each project new customers, then the same changed; rows per second from the first POST to the last DONE. */
async function runOnce(rollcall: Rollcall, count: number, payload: Payload): Promise<number> {
  await rollcall.empty()
  const projects: Project[] = []
  for (let n = 1; n <= count; n++) projects.push(await rollcall.addProject(`Project ${n}`))
  const begin = performance.now()
  await Promise.all(projects.map((project) => runBoth(rollcall, project, payload)))
  return (count * 2 * payload.rows) / ((performance.now() - begin) / 1000)
}

async function runBoth(rollcall: Rollcall, project: Project, { bodies, rows }: Payload): Promise<void> {
  const ids = [await rollcall.accept(project, bodies.new), await rollcall.accept(project, bodies.changed)]
  for (const id of ids) checkAction(rollcall, await rollcall.finished(project, id), rows)
}

const figureOf = ({ projects, workers, rowsPerSecond }: Throughput): Figure =>
  figure(throughputName(projects, workers), 'rows/s', rowsPerSecond)

function table(
  cells: readonly Throughput[],
  workers: readonly number[],
  projects: readonly number[],
): string {
  const row = (label: string, values: readonly string[]): string =>
    [label, ...values]
      .map((value) => value.padEnd(CELL_WIDTH))
      .join('')
      .trimEnd()
  const cell = (of: number, by: number): string => {
    const found = cells.find((each) => each.projects === of && each.workers === by)
    return found === undefined ? '' : show(found.rowsPerSecond)
  }
  return [
    'Throughput in thousand rows per second: each project creates typical customers and changes them',
    row(
      '',
      workers.map((by) => many(by, 'worker')),
    ),
    ...projects.map((of) =>
      row(
        many(of, 'project'),
        workers.map((by) => cell(of, by)),
      ),
    ),
  ].join('\n')
}

const show = ({ median, min, max }: Spread): string =>
  spread({ median: median / 1e3, min: min / 1e3, max: max / 1e3 }, 1)
