import { setTimeout as pause } from 'node:timers/promises'
import { loadLauncher } from '../../rig/compiled.js'
import { say } from '../../rig/program.js'
import { checkAction } from '../checks.js'
import { type Context, type Findings } from '../context.js'
import { isChangedBy, makePayload, type Payload, type Phase } from '../payloads.js'
import { type Project, Rollcall } from '../system/rollcall.js'
import { waitingFor } from '../system/waiting.js'
import { type BuildRound, type Job, summarizeBuilds } from './summary.js'

/** Two identical workers differ by up to 7 %, all their lives: of each build there are several. */
const COPIES = 2

/** One of the copies of a build, and the database that it has to itself. */
interface Copy {
  readonly build: number
  readonly rollcall: Rollcall
}

/** It and one kind of customers; of the jobs so far the seconds, in each phase. */
interface Task {
  readonly copy: Copy
  readonly payload: Payload
  readonly earlier: Readonly<Record<Phase, number[]>>
}

/**
 * This build and others, all running at the same time on one PostgreSQL, and measured by turns: what two runs one after
 * the other cannot tell apart on a machine that is never quite the same twice.
 */
export async function measureBeside(context: Context): Promise<Findings> {
  const builds = [context.clone, ...context.options.beside]
  const copies = await startAll(context, builds)
  const rounds: BuildRound[] = []
  for (const shape of context.options.shapes) {
    const payload = makePayload(shape, context.options.bytes)
    rounds.push(...(await runRounds(context, copies, payload)))
  }
  return summarizeBuilds(builds, rounds)
}

/** They are ended with the bench, and their databases go with its folder. */
async function startAll(context: Context, builds: readonly string[]): Promise<Copy[]> {
  const copies: Copy[] = []
  for (const [build, folder] of builds.entries()) {
    const own = { ...context, launcher: build === 0 ? context.launcher : loadLauncher(folder) }
    for (let copy = 0; copy < COPIES; copy++) {
      const number = copies.length
      const rollcall = await Rollcall.start(own, { name: `bench_beside_${number}`, redisDatabase: number })
      copies.push({ build, rollcall })
    }
  }
  return copies
}

/** One round to warm up, then those that count. Who goes first moves on by one each time. */
async function runRounds(context: Context, copies: readonly Copy[], payload: Payload): Promise<BuildRound[]> {
  const tasks = copies.map((copy) => ({ copy, payload, earlier: { new: [], changed: [], unchanged: [] } }))
  const rounds: BuildRound[] = []
  for (let number = 0; number <= context.options.rounds; number++) {
    await context.servers.settle()
    const first = number % tasks.length
    for (const task of [...tasks.slice(first), ...tasks.slice(0, first)]) {
      const jobs = await runTurn(context, task)
      if (number > 0) rounds.push({ build: task.copy.build, number, shape: payload.shape, jobs })
    }
    say(`${payload.shape}, ${number === 0 ? 'warming up' : `${number} of ${context.options.rounds}`}`)
  }
  return rounds
}

async function runTurn(context: Context, task: Task): Promise<BuildRound['jobs']> {
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
  { copy: { rollcall }, payload, earlier }: Task,
  project: Project,
  phase: Phase,
): Promise<Job> {
  const memory = rollcall.processes.watchMemory()
  const before = { ...rollcall.cpu(), postgres: servers.cpu() }
  const { seconds, action } = await rollcall.run(project, payload.bodies[phase], waitingFor(earlier[phase]))
  const after = { ...rollcall.cpu(), postgres: servers.cpu() }
  earlier[phase].push(seconds)
  checkAction(rollcall, action, payload.rows)
  return {
    seconds,
    api: after.api - before.api,
    worker: after.worker - before.worker,
    postgres: after.postgres - before.postgres,
    memory: memory().worker,
  }
}
