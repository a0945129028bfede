import { setTimeout as pause } from 'node:timers/promises'
import { type Launcher, loadLauncher } from '../../rig/compiled.js'
import { commitOf } from '../../rig/machine.js'
import { say } from '../../rig/program.js'
import { checkJob } from '../checks.js'
import { type Context, type Findings } from '../context.js'
import { isChangedBy, makePayload, type Payload, type Phase } from '../payloads.js'
import { type Project, Rollcall } from '../system/rollcall.js'
import { type Job, summarizeBuilds, type Turn } from './summary.js'

/**
 * Of each build, because identical processes are not: two workers differed by 7 to 17 % of CPU, as long as they lived,
 * before V8 was kept from guessing which objects live long, and how they lie in memory is still chance.
 */
const COPIES = 2

/** One of the copies of a build, and the database that it has to itself. */
interface Copy {
  readonly of: Pick<Turn, 'build' | 'copy'>
  readonly rollcall: Rollcall
}

/** It and one kind of customers. */
interface Task {
  readonly copy: Copy
  readonly payload: Payload
}

/**
 * This build and others, measured by turns while all of them run on one PostgreSQL, which is this build's: what two runs
 * one after the other cannot tell apart on a machine that is never quite the same twice.
 */
export async function measureBeside(context: Context): Promise<Findings> {
  const builds = [context.clone, ...context.options.beside]
  // Before anything is started: what is no build ends it here.
  const launchers = builds.map((folder, build) => (build === 0 ? context.launcher : loadLauncher(folder)))
  const copies = await startAll(context, launchers)
  const turns: Turn[] = []
  for (const shape of context.options.shapes) {
    const payload = makePayload(shape, context.options.bytes)
    turns.push(...(await runRounds(context, copies, payload)))
  }
  return summarizeBuilds(builds.map(withCommit), turns)
}

/** They are ended with the bench, and their databases go with its folder. */
async function startAll(context: Context, launchers: readonly Launcher[]): Promise<Copy[]> {
  const copies: Copy[] = []
  for (const [build, launcher] of launchers.entries()) {
    for (let copy = 0; copy < COPIES; copy++) {
      const number = copies.length
      const rollcall = await Rollcall.start(
        { ...context, launcher },
        { name: `bench_beside_${number}`, redisDatabase: number },
      )
      copies.push({ of: { build, copy }, rollcall })
    }
  }
  return copies
}

/** One round to warm up, then those that count. Who goes first moves on by one each time. */
async function runRounds(context: Context, copies: readonly Copy[], payload: Payload): Promise<Turn[]> {
  const tasks = copies.map((copy) => ({ copy, payload }))
  const turns: Turn[] = []
  for (let number = 0; number <= context.options.rounds; number++) {
    await context.servers.settle()
    const first = number % tasks.length
    for (const task of [...tasks.slice(first), ...tasks.slice(0, first)]) {
      const jobs = await runTurn(context, task)
      if (number > 0) turns.push({ ...task.copy.of, number, shape: payload.shape, jobs })
    }
    say(`${payload.shape}, ${number === 0 ? 'warming up' : `${number} of ${context.options.rounds}`}`)
  }
  return turns
}

async function runTurn(context: Context, task: Task): Promise<Turn['jobs']> {
  const { rollcall } = task.copy
  await rollcall.empty()
  const project = await rollcall.addProject('Beside')
  const jobs: Partial<Record<Phase, Job>> = {}
  for (const phase of phasesOf(context, task.payload)) {
    await pause(context.options.restMs)
    jobs[phase] = await runJob(context, task, project, phase)
  }
  return jobs
}

/** Those that tell builds apart: what is new has to be there first in any case. */
const phasesOf = ({ options: { phases } }: Context, { shape }: Payload): Phase[] =>
  phases.includes('changed') && isChangedBy(shape) ? ['new', 'changed'] : ['new']

async function runJob(
  { servers }: Context,
  { copy: { rollcall }, payload }: Task,
  project: Project,
  phase: Phase,
): Promise<Job> {
  const memory = rollcall.processes.watchMemory()
  const before = { ...rollcall.cpu(), postgres: servers.cpu() }
  const { seconds, acceptedAfter, action } = await rollcall.run(project, payload.bodies[phase])
  const after = { ...rollcall.cpu(), postgres: servers.cpu() }
  const peak = memory()
  await checkJob(rollcall, project, payload, phase, { action, lastId: 'cust_' })
  return {
    seconds,
    acceptedAfter,
    api: after.api - before.api,
    worker: after.worker - before.worker,
    postgres: after.postgres - before.postgres,
    memory: peak.worker,
  }
}

/** By its commit where there is one: builds that stand in no repository go by their folder alone. */
const withCommit = (folder: string): string => `${folder} (${commitOf(folder)})`
