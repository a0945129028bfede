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
  while (phase.isBusy) {
    await hold(random.between(0, LONGEST_CALM_MS))
    const faults = choose(scene, groups)
    done.inflicted.push(...faults.map(({ name }) => name))
    await Promise.all(faults.map((fault) => fault.inflict(scene)))
    const [fault, ...others] = faults
    if (fault === undefined || others.length > 0 || fault.recoversWithin === undefined) continue
    const milliseconds = await measureRecovery(scene.stage, LENIENCE * fault.recoversWithin)
    if (milliseconds === undefined)
      scene.history.complain(
        `After ‘${fault.name}’ work did not go on within ${LENIENCE} × ${fault.recoversWithin} ms`,
      )
    else done.recoveries.push({ fault: fault.name, milliseconds })
  }
  return done
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

/** Until every project that has work has got on with it; nothing when that takes too long. */
async function measureRecovery({ admin }: Stage, longest: number): Promise<number | undefined> {
  const began = performance.now()
  let stuck = (await admin.rows<Progress>(PROGRESS)).filter(({ open }) => open > 0)
  while (stuck.length > 0) {
    if (performance.now() - began > longest) return undefined
    const now = new Map((await admin.rows<Progress>(PROGRESS)).map((each) => [each.project_id, each.done]))
    stuck = stuck.filter(({ project_id, done }) => now.get(project_id) === done)
  }
  return performance.now() - began
}
