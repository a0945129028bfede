import { say } from '../../rig/program.js'
import { checkJob } from '../checks.js'
import { type Context } from '../context.js'
import { makePayload, type Payload, type Phase } from '../payloads.js'
import { type Figure, figure } from '../report/figures.js'
import { count, line, spread } from '../report/format.js'
import { type Spread, spreadOf } from '../statistics.js'
import { PresentCustomers } from '../system/present.js'
import { type Rollcall, withRollcall } from '../system/rollcall.js'
import { growthName } from './names.js'

const MEASURED = ['new', 'changed'] as const satisfies readonly Phase[]
type Measured = (typeof MEASURED)[number]

interface Growth {
  readonly present: number
  readonly seconds: Readonly<Record<Measured, Spread>>
}

/** What a request costs with more and more customers present. */
export async function measureGrowth(context: Context): Promise<{ text: string; figures: Figure[] }> {
  const { bytes, rounds, growth } = context.options
  const payload = makePayload('typical', bytes)
  const steps = await withRollcall(context, { name: 'bench_growth' }, async (rollcall) => {
    const present = new PresentCustomers(rollcall, await rollcall.addProject('Growing'))
    const found: Growth[] = []
    for (const customers of growth) {
      await present.fill(customers)
      found.push(await measureStep(context, { rollcall, present, payload }))
    }
    return found
  })
  return { text: table(steps, payload.rows, rounds), figures: steps.flatMap(figuresOf) }
}

/** One round to warm up, then those that count. */
async function measureStep(
  { options, servers }: Context,
  scene: { rollcall: Rollcall; present: PresentCustomers; payload: Payload },
): Promise<Growth> {
  const { rollcall, present, payload } = scene
  const seconds: Record<Measured, number[]> = { new: [], changed: [] }
  for (let round = 0; round <= options.rounds; round++) {
    await servers.settle()
    for (const phase of MEASURED) {
      const job = await rollcall.run(present.project, payload.bodies[phase])
      const { lastId } = present
      await checkJob(rollcall, present.project, payload, phase, { action: job.action, lastId })
      if (round > 0) seconds[phase].push(job.seconds)
    }
    await present.clear()
  }
  const step = {
    present: present.count,
    seconds: { new: spreadOf(seconds.new), changed: spreadOf(seconds.changed) },
  }
  say(`new ${spread(step.seconds.new, 2, ' s')}, changed ${spread(step.seconds.changed, 2, ' s')}`)
  return step
}

const figuresOf = ({ present, seconds }: Growth): Figure[] =>
  MEASURED.map((phase) => figure(growthName(phase, present), 's', seconds[phase]))

const table = (steps: readonly Growth[], rows: number, rounds: number): string =>
  [
    `Seconds of a request of ${count(rows)} typical customers, POST to DONE; median (lowest–highest) of ${rounds}`,
    line('customers present', 'all new', 'all changed'),
    ...steps.map(({ present, seconds }) =>
      line(count(present), ...MEASURED.map((phase) => spread(seconds[phase], 2, ' s'))),
    ),
  ].join('\n')
