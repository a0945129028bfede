import { setTimeout as pause } from 'node:timers/promises'
import { checkJob, checkYardstick } from './checks.js'
import { type Payload, type Phase, PHASES } from '../payloads.js'
import { type Project, type Rollcall } from '../system/rollcall.js'
import { type Servers } from '../system/servers.js'
import { type YardstickClient } from '../yardstick/yardstick-client.js'

/** One job of Rollcall. Times and CPU in seconds. */
export interface OurJob {
  readonly seconds: number
  readonly acceptedAfter: number
  readonly cpu: Readonly<Record<'api' | 'worker' | 'postgres', number>>
  readonly walBytes: number
}

/** The same work by the yardstick. */
export interface LimitJob {
  readonly seconds: number
  readonly cpu: Readonly<Record<'node' | 'postgres', number>>
  readonly walBytes: number
}

export interface PhaseOfRound {
  readonly ours: OurJob
  readonly limit: LimitJob
}

export interface Round {
  readonly phases: Readonly<Record<Phase, PhaseOfRound>>
  readonly copySeconds: number
}

/** Both sides of the comparison, and what they run on. */
export interface Scene {
  readonly servers: Servers
  readonly rollcall: Rollcall
  readonly yardstick: YardstickClient
}

/** What one job leaves to be done in the background shall not slow down the next. */
const REST_MS = 300

/** Everything once, on empty tables. Which side goes first alternates, so that neither is always in the wake. */
export async function runRound(scene: Scene, payload: Payload, number: number): Promise<Round> {
  const { servers, rollcall, yardstick } = scene
  await rollcall.empty()
  await yardstick.ask('empty')
  const project = await rollcall.addProject(`Round ${number}`)
  await servers.settle()
  const phases: Partial<Record<Phase, PhaseOfRound>> = {}
  for (const phase of PHASES) phases[phase] = await runPhase(scene, project, payload, phase, number % 2 === 0)
  await pause(REST_MS)
  const copySeconds = await yardstick.ask('copy')
  project.http.close()
  return { phases: phases as Record<Phase, PhaseOfRound>, copySeconds }
}

async function runPhase(
  scene: Scene,
  project: Project,
  payload: Payload,
  phase: Phase,
  limitFirst: boolean,
): Promise<PhaseOfRound> {
  if (limitFirst) {
    const limit = await runLimit(scene, payload, phase)
    return { limit, ours: await runOurs(scene, project, payload, phase) }
  }
  const ours = await runOurs(scene, project, payload, phase)
  return { ours, limit: await runLimit(scene, payload, phase) }
}

async function runOurs(
  { servers, rollcall }: Scene,
  project: Project,
  payload: Payload,
  phase: Phase,
): Promise<OurJob> {
  await pause(REST_MS)
  const before = { ...rollcall.cpu(), postgres: servers.cpu(), wal: await servers.walBytes() }
  const job = await rollcall.run(project, payload, phase)
  const after = { ...rollcall.cpu(), postgres: servers.cpu(), wal: await servers.walBytes() }
  await checkJob(rollcall, project, payload, phase, job)
  return {
    seconds: job.seconds,
    acceptedAfter: job.acceptedAfter,
    cpu: {
      api: after.api - before.api,
      worker: after.worker - before.worker,
      postgres: after.postgres - before.postgres,
    },
    walBytes: after.wal - before.wal,
  }
}

async function runLimit({ servers, yardstick }: Scene, payload: Payload, phase: Phase): Promise<LimitJob> {
  await pause(REST_MS)
  const before = { node: await yardstick.ask('cpu'), postgres: servers.cpu(), wal: await servers.walBytes() }
  const seconds = await yardstick.ask('run', phase)
  const after = { node: await yardstick.ask('cpu'), postgres: servers.cpu(), wal: await servers.walBytes() }
  checkYardstick(await yardstick.ask('count'), payload, phase)
  return {
    seconds,
    cpu: { node: after.node - before.node, postgres: after.postgres - before.postgres },
    walBytes: after.wal - before.wal,
  }
}
