import { say } from '../../rig/program.js'
import { checkAction, same } from '../checks.js'
import { type Context, type Findings } from '../context.js'
import { makeTypicalBody } from '../payloads.js'
import { figure, single } from '../report/figures.js'
import { count, line, megabytes, spread } from '../report/format.js'
import { type Spread, spreadOf } from '../statistics.js'
import { type Rollcall, withRollcall } from '../system/rollcall.js'

const SAY_EVERY = 100

/** Whether a worker is as fast after many jobs as after a few. */
export function measureJobs(context: Context): Promise<Findings> {
  const { jobs, jobRows } = context.options
  return withRollcall(context, { name: 'bench_jobs' }, async (rollcall) => {
    const memory = rollcall.processes.watchMemory()
    const seconds = await runAll(rollcall, jobs, jobRows)
    const peak = memory()
    const window = Math.max(1, Math.ceil(jobs / 20))
    // The first ones of all warm up, and say nothing about what many jobs do.
    const [early, last] = [spreadOf(seconds.slice(window, 2 * window)), spreadOf(seconds.slice(-window))]
    return {
      text: table({ jobs, rows: jobRows, window, early, last, peak }),
      figures: [
        figure('many jobs: one of the early ones', 's', early),
        figure('many jobs: one of the last ones', 's', last),
        single('many jobs: last ÷ early', 'multiple', last.median / early.median),
        single('many jobs: memory of the API', 'bytes', peak.api),
        single('many jobs: memory of the worker', 'bytes', peak.worker),
      ],
      details: { seconds },
    }
  })
}

/** Half of the customers of each job are new, the others were new in the job before and change. */
async function runAll(rollcall: Rollcall, jobs: number, rows: number): Promise<number[]> {
  const project = await rollcall.addProject('Many jobs')
  const step = rows / 2
  const seconds: number[] = []
  for (let job = 0; job < jobs; job++) {
    const body = makeTypicalBody(job * step, rows, job % 2 === 0 ? 'new' : 'changed')
    const times = await rollcall.run(project, body)
    checkAction(rollcall, times.action, rows)
    seconds.push(times.seconds)
    if ((job + 1) % SAY_EVERY === 0) say(`${job + 1} of ${jobs} jobs`)
  }
  const { customers, events } = await rollcall.count(project)
  same('customers', customers, (jobs + 1) * step)
  same('events of customers', events, jobs * rows)
  return seconds
}

function table(found: {
  jobs: number
  rows: number
  window: number
  early: Spread
  last: Spread
  peak: Record<'api' | 'worker', number>
}): string {
  const { jobs, rows, window, early, last, peak } = found
  return [
    `${count(jobs)} jobs of ${count(rows)} typical customers each, one after another on one worker`,
    line(`jobs ${window + 1} to ${2 * window}`, spread(early, 3, ' s')),
    line(`the last ${window}`, spread(last, 3, ' s')),
    line('memory (PSS) at most: API, worker', `${megabytes(peak.api)}, ${megabytes(peak.worker)}`),
  ].join('\n')
}
