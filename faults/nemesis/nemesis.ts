import { setTimeout as pause } from 'node:timers/promises'
import { type Phase } from '../load/phase.js'
import { type Stage } from '../stage/stage.js'
import { type Fault, type Scene } from './fault.js'

/** A fault that was inflicted by itself, and how long it took until work went on. */
export interface Recovery {
  readonly fault: string
  readonly milliseconds: number
}

/** What was done in a run. */
export interface Torment {
  /** Names of faults, in their order. */
  readonly inflicted: string[]
  readonly recoveries: Recovery[]
}

const LONGEST_CALM_MS = 800
/** Between two looks whether work goes on: they are no load themselves. */
const LOOK_MS = 10
/** Recovery is asserted at so many times the promise: this machine has more to do than run Rollcall. */
const LENIENCE = 3

/** Does harm for as long as there is load: one fault at a time, and then the next recovery is measured, or two at once. */
export async function torment(
  scene: Scene,
  groups: readonly (readonly Fault[])[],
  phase: Phase,
): Promise<Torment> {
  const done: Torment = { inflicted: [], recoveries: [] }
  const { random, hold } = scene
  for (let round = 1; phase.isBusy; round++) {
    await hold(random.between(0, LONGEST_CALM_MS))
    const faults = choose(scene, groups)
    const outcomes = await Promise.all(
      faults.map((fault) => fault.inflict({ ...scene, random: random.for(`${round} ${fault.name}`) })),
    )
    const hits = faults.filter((_, index) => outcomes[index] !== 'missed')
    done.inflicted.push(...hits.map(({ name }) => name))
    const [fault] = hits
    if (fault !== undefined && faults.length === 1 && outcomes[0] !== 'no promise')
      done.recoveries.push(...(await recover(scene, fault)))
    for (const undo of outcomes) if (typeof undo === 'function') await undo()
  }
  return done
}

/** Measures how long it takes until work goes on, where that was promised and anything had to. */
async function recover({ stage, history }: Scene, { name, recoversWithin }: Fault): Promise<Recovery[]> {
  if (recoversWithin === undefined) return []
  const recovery = await measureRecovery(stage, LENIENCE * recoversWithin)
  if (recovery === 'never')
    history.complain(`After ‘${name}’ work did not go on within ${LENIENCE} × ${recoversWithin} ms`)
  return typeof recovery === 'number' ? [{ fault: name, milliseconds: recovery }] : []
}

function choose({ random }: Scene, groups: readonly (readonly Fault[])[]): Fault[] {
  const one = random.pick(groups)
  const other = random.pick(groups)
  if (one === other || random.isOneIn(2)) return [random.pick(one)]
  return [random.pick(one), random.pick(other)]
}

interface Progress {
  readonly project_id: string
  readonly done: number
  readonly open: number
}

const PROGRESS = `
  SELECT project_id, (sum(next_chunk) + count(finished_at))::int AS done,
    (count(*) FILTER (WHERE finished_at IS NULL))::int AS open
  FROM async_actions GROUP BY project_id`

/** Milliseconds until every project that has work has got on with it. */
async function measureRecovery({ admin }: Stage, longest: number): Promise<number | 'never' | 'no work'> {
  const began = performance.now()
  let stuck = (await admin.rows<Progress>(PROGRESS)).filter(({ open }) => open > 0)
  if (stuck.length === 0) return 'no work'
  while (stuck.length > 0) {
    if (performance.now() - began > longest) return 'never'
    const now = new Map((await admin.rows<Progress>(PROGRESS)).map((each) => [each.project_id, each.done]))
    stuck = stuck.filter(({ project_id, done }) => now.get(project_id) === done)
    await pause(LOOK_MS)
  }
  return performance.now() - began
}
