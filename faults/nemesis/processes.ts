import { spawn } from 'node:child_process'
import { breed } from '../../rig/breed.js'
import { type Member } from '../../rig/member.js'
import { type Build, loadBuild } from '../stage/build.js'
import { type Actor, SETTINGS } from '../stage/stage.js'
import { duration, type Fault, type Scene } from './fault.js'

const { leaseMs, pollMs } = SETTINGS
/** Long enough for another worker to have the lane, and to be at work on it. */
const PAST_THE_LEASE = leaseMs * 1.25
/** What PostgreSQL lets a transaction idle, beyond which it ends it. */
const IDLE_IN_TRANSACTION = 30_000
/** A stop is promised to take no longer. */
const LONGEST_STOP = 10_000

const anyWorker = ({ stage, random }: Scene): Actor => random.pick(stage.workers)
const anyApi = ({ stage, random }: Scene): Actor => random.pick(stage.apis)
const anyone = ({ stage, random }: Scene): Actor => random.pick(stage.actors)

const OWNERS = `SELECT split_part(owner, ':', 2)::int AS pid FROM lanes WHERE lease_until > clock_timestamp()`
/** Leases are short here, and what PostgreSQL lets a transaction idle is not. */
const ABANDONED = `
  SELECT FROM pg_stat_activity
  WHERE datname = current_database() AND state LIKE 'idle in transaction%'
    AND state_change < clock_timestamp() - interval '1 second'`

const leavesTransaction = async ({ stage }: Scene): Promise<boolean> =>
  (await stage.admin.rows(ABANDONED)).length > 0

/** For a worker to take a lane, or a process to come to a point. */
const LONGEST_WAIT = 3_000
const LOOK_MS = 20

/** A worker that is at work, if there is one soon; whoever is idle can be frozen without anybody noticing. */
async function worker(scene: Scene): Promise<Actor | undefined> {
  const { stage, hold } = scene
  for (let waited = 0; waited < LONGEST_WAIT; waited += LOOK_MS) {
    const owners = await stage.admin.rows<{ pid: number }>(OWNERS)
    const busy = stage.workers.find(({ member }) => owners.some(({ pid }) => pid === member.pid))
    if (busy) return busy
    await hold(LOOK_MS)
  }
  return undefined
}

/** Everything that can happen to a process of ours. */
export const PROCESS_FAULTS: readonly Fault[] = [
  {
    name: 'worker killed',
    recoversWithin: leaseMs + pollMs,
    inflict: async (scene) => {
      await scene.hold(scene.random.between(0, 300))
      const busy = await worker(scene)
      busy?.member.kill()
      return busy ? undefined : 'missed'
    },
  },
  {
    name: 'all workers killed',
    inflict: async ({ stage, hold, random }) => {
      await hold(random.between(0, 300))
      for (const { member } of stage.workers) member.kill()
      await Promise.all(stage.workers.map(({ member }) => member.isReady()))
    },
  },
  {
    name: 'worker frozen past its lease',
    recoversWithin: leaseMs + pollMs,
    inflict: async (scene) => {
      const busy = await worker(scene)
      if (busy === undefined) return 'missed'
      busy.member.pause()
      await scene.hold(leaseMs)
      const wake = async (): Promise<void> => {
        await scene.hold(PAST_THE_LEASE - leaseMs)
        busy.member.resume()
      }
      if (!(await leavesTransaction(scene))) return wake
      // What it was about to commit is in the way of others, until PostgreSQL ends it.
      await wake()
      return 'no promise'
    },
  },
  {
    name: 'worker frozen with the lane locked',
    inflict: async (scene) => {
      const { workers } = scene.stage
      const isHit = await come(scene, workers, 'stop before the commit', ({ member }) => member.isFrozen)
      if (isHit) await scene.hold(scene.isLong ? IDLE_IN_TRANSACTION : PAST_THE_LEASE)
      for (const { member } of workers) member.resume()
      return isHit ? undefined : 'missed'
    },
  },
  {
    name: 'worker stuck past its lease',
    inflict: async (scene) => {
      // Twice as long as Bull's lock lasts, when there is time for it.
      const ms = scene.isLong ? 61_000 : PAST_THE_LEASE
      anyWorker(scene).member.tell('block', { ms })
      await scene.hold(ms)
    },
  },
  ...(['die before the commit', 'die after the commit', 'die before the answer'] as const).map(dying),
  {
    name: 'API killed',
    inflict: async (scene) => {
      await scene.hold(scene.random.between(0, 300))
      anyApi(scene).member.kill()
    },
  },
  {
    name: 'clock jumps',
    inflict: async (scene) => {
      const { member } = anyone(scene)
      const hours = scene.random.pick([-24, -1, 1, 24])
      member.tell('clock', { ms: hours * 3_600_000 })
      await scene.hold(duration(scene))
      member.tell('clock', { ms: 0 })
    },
  },
  {
    name: 'process asked to end',
    inflict: async (scene) => {
      await expectToEndWell(scene, anyone(scene).member)
    },
  },
  { name: 'everything restarted, one after the other', inflict: restartAll },
  {
    name: 'a worker of an older release beside',
    inflict: async (scene) => {
      const { stage, history } = scene
      const guest = await stage.addGuest('older worker', older(stage.options.clone, stage.options.build))
      await scene.hold(duration(scene))
      await guest.stop()
      for (const { ending } of guest.surprises)
        history.complain(`The older worker ended by itself (${ending})`)
    },
  },
  {
    name: 'no processor time left',
    inflict: async (scene) => {
      const busy = Array.from({ length: 4 }, () => spawn(process.execPath, ['-e', 'for (;;);']))
      await scene.hold(duration(scene))
      for (const child of busy) child.kill('SIGKILL')
    },
  },
]

/** A rolling restart: each is asked to end, and serves again before the next one is asked. */
async function restartAll(scene: Scene): Promise<void> {
  for (const { member } of scene.stage.actors) {
    await expectToEndWell(scene, member)
    await member.isReady()
  }
}

async function expectToEndWell({ history }: Scene, member: Member): Promise<void> {
  const isGood = member.isServing ? [0] : [0, 'SIGTERM'] // what has not come up has nothing to bring to an end
  const { ending, ms } = await member.terminate()
  if (!isGood.includes(ending)) history.complain(`${member.name} was asked to end and did so with ${ending}`)
  if (ms > LONGEST_STOP) history.complain(`${member.name} took ${Math.round(ms)} ms to end`)
}

/** It knows nothing of bulk updates: their lanes are not for it. */
const older = (clone: string, build: Build): Build =>
  loadBuild(
    breed(clone, {
      name: 'older-release',
      of: build.folder,
      edits: [
        {
          file: 'customers/bulk-update/bulk-update.handler.js',
          from: "BULK_UPDATE = 'CUSTOMERS.BULK_UPDATE'",
          to: "BULK_UPDATE = 'CUSTOMERS.NOT_YET'",
        },
      ],
    }),
  )

/** The process ends at a place that a kill from outside would hardly ever hit. */
function dying(at: string): Fault {
  return {
    name: `process made to ${at}`,
    inflict: async (scene) => {
      const { apis, actors } = scene.stage
      const pids = new Map(actors.map((actor) => [actor, actor.member.pid]))
      const hasDied = (actor: Actor): boolean => actor.member.pid !== pids.get(actor)
      return (await come(scene, at.endsWith('answer') ? apis : actors, at, hasDied)) ? undefined : 'missed'
    },
  }
}

/** Whichever of these comes to a point first; nobody comes to it afterwards. Whether anybody did. */
async function come(
  scene: Scene,
  actors: readonly Actor[],
  at: string,
  isHit: (actor: Actor) => boolean,
): Promise<boolean> {
  for (const { member } of actors) member.stopAt(at)
  for (let waited = 0; waited < LONGEST_WAIT && !actors.some(isHit); waited += LOOK_MS)
    await scene.hold(LOOK_MS)
  const hit = actors.some(isHit)
  for (const actor of actors) if (!isHit(actor)) actor.member.stopAt(undefined)
  return hit
}
