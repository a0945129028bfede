import { say } from '../../rig/program.js'
import { checkAction, same } from '../checks.js'
import { type Context, type Findings } from '../context.js'
import { makePayload, type Payload } from '../payloads.js'
import { type Figure, single } from '../report/figures.js'
import { line, megabytes } from '../report/format.js'
import { type Role } from '../system/processes.js'
import { type Rollcall, withRollcall } from '../system/rollcall.js'

interface Situation {
  /** How tables and figures call it. */
  readonly name: string
  readonly payload: Payload
  readonly requests: number
}

/** How much memory the processes need at most, each time anew: fresh ones, so that no peak is another one's. */
export async function measureMemory(context: Context): Promise<Findings> {
  const { bytes, queuedRequests } = context.options
  const situations: Situation[] = [
    { name: 'one request of minimal customers', payload: makePayload('minimal', bytes), requests: 1 },
    {
      name: `${queuedRequests} typical requests at once`,
      payload: makePayload('typical', bytes),
      requests: queuedRequests,
    },
  ]
  const peaks: { name: string; rows: number; peak: Record<Role, number> }[] = []
  for (const situation of situations) {
    const { name, payload } = situation
    say(`${name}: ${payload.rows} rows each`)
    const peak = await withRollcall(context, { name: 'bench_memory' }, (rollcall) =>
      pileUp(rollcall, situation),
    )
    peaks.push({ name, rows: payload.rows, peak })
  }
  return {
    text: [
      'Memory (PSS) at most, of fresh processes',
      line('', 'API', 'worker'),
      ...peaks.map(({ name, peak }) => line(name, megabytes(peak.api), megabytes(peak.worker))),
    ].join('\n'),
    figures: peaks.flatMap(({ name, peak }): Figure[] => [
      single(`memory, ${name}: API`, 'bytes', peak.api),
      single(`memory, ${name}: worker`, 'bytes', peak.worker),
    ]),
    details: peaks,
  }
}

/** All requests are sent at the same time; every other one changes what the one before it made. */
async function pileUp(rollcall: Rollcall, { payload, requests }: Situation): Promise<Record<Role, number>> {
  const { bodies, rows } = payload
  const project = await rollcall.addProject('Queued requests')
  const memory = rollcall.processes.watchMemory()
  const ids = await Promise.all(
    Array.from({ length: requests }, (_, index) =>
      rollcall.accept(project, index % 2 === 0 ? bodies.new : bodies.changed),
    ),
  )
  for (const id of ids) checkAction(rollcall, await rollcall.finished(project, id), rows)
  const peak = memory()
  same('customers', (await rollcall.count(project)).customers, rows)
  return peak
}
