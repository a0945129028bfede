import { setTimeout as pause } from 'node:timers/promises'
import { checkJob, checkLimit } from '../checks.js'
import { type Payload, type Phase } from '../payloads.js'
import { type PresentCustomers } from '../system/present.js'
import { type Project, type Rollcall } from '../system/rollcall.js'
import { type Servers } from '../system/servers.js'
import { type LimitName, LIMITS } from '../yardstick/limit.js'
import { type YardstickClient } from '../yardstick/yardstick-client.js'

/** One job of Rollcall. Times and CPU in seconds, memory (PSS) and write-ahead log in bytes. */
export interface OurJob {
  readonly seconds: number
  readonly acceptedAfter: number
  readonly cpu: Readonly<Record<'api' | 'worker' | 'postgres', number>>
  readonly memory: Readonly<Record<'api' | 'worker', number>>
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
  readonly limits: Readonly<Record<LimitName, LimitJob>>
}

export interface Round {
  readonly phases: Readonly<Partial<Record<Phase, PhaseOfRound>>>
  readonly copySeconds: number
}

/** All sides of the comparison, and what they run on. */
export interface Stage {
  readonly servers: Servers
  readonly rollcall: Rollcall
  readonly yardstick: YardstickClient
  /** Undefined for empty tables. */
  readonly present: PresentCustomers | undefined
  /** What one job leaves to be done in the background shall not slow down the next. */
  readonly restMs: number
}

/** What is done in every phase of a round. */
interface Task extends Stage {
  readonly project: Project
  readonly payload: Payload
  readonly phase: Phase
}

const SIDES = ['ours', ...LIMITS] as const

/** All phases once. Which side goes first alternates, so that none is always in the wake of the same other. */
export async function runRound(
  stage: Stage,
  payload: Payload,
  phases: readonly Phase[],
  number: number,
): Promise<Round> {
  const { servers, yardstick } = stage
  const project = await clear(stage, number)
  await servers.settle()
  const results: Partial<Record<Phase, PhaseOfRound>> = {}
  for (const phase of phases)
    results[phase] = await runPhase({ ...stage, project, payload, phase }, number % SIDES.length)
  await pause(stage.restMs)
  return { phases: results, copySeconds: await yardstick.ask('copy') }
}

/** Leaves those who are to be there, or nobody; resolves with the project to use. */
async function clear({ rollcall, yardstick, present }: Stage, number: number): Promise<Project> {
  await yardstick.ask('clear')
  if (present !== undefined) {
    await present.clear()
    return present.project
  }
  await rollcall.empty()
  return rollcall.addProject(`Round ${number}`)
}

async function runPhase(task: Task, first: number): Promise<PhaseOfRound> {
  let ours: OurJob | undefined
  const limits: Partial<Record<LimitName, LimitJob>> = {}
  for (const side of [...SIDES.slice(first), ...SIDES.slice(0, first)]) {
    await pause(task.restMs)
    if (side === 'ours') ours = await runOurs(task)
    else limits[side] = await runLimit(task, side)
  }
  return { ours, limits } as PhaseOfRound
}

async function runOurs({ servers, rollcall, present, project, payload, phase }: Task): Promise<OurJob> {
  const memory = rollcall.processes.watchMemory()
  const before = { ...rollcall.cpu(), postgres: servers.cpu(), wal: await servers.walBytes() }
  const job = await rollcall.run(project, payload.bodies[phase])
  const after = { ...rollcall.cpu(), postgres: servers.cpu(), wal: await servers.walBytes() }
  const peak = memory()
  const { action } = job
  await checkJob(rollcall, project, payload, phase, { action, lastId: present?.lastId ?? 'cust_' })
  return {
    seconds: job.seconds,
    acceptedAfter: job.acceptedAfter,
    cpu: {
      api: after.api - before.api,
      worker: after.worker - before.worker,
      postgres: after.postgres - before.postgres,
    },
    memory: peak,
    walBytes: after.wal - before.wal,
  }
}

async function runLimit({ servers, yardstick, payload, phase }: Task, limit: LimitName): Promise<LimitJob> {
  const before = { node: await yardstick.ask('cpu'), postgres: servers.cpu(), wal: await servers.walBytes() }
  const seconds = await yardstick.ask('run', limit, phase)
  const after = { node: await yardstick.ask('cpu'), postgres: servers.cpu(), wal: await servers.walBytes() }
  checkLimit(await yardstick.ask('count', limit), payload, phase)
  return {
    seconds,
    cpu: { node: after.node - before.node, postgres: after.postgres - before.postgres },
    walBytes: after.wal - before.wal,
  }
}
