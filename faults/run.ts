import { setTimeout as pause } from 'node:timers/promises'
import { check, type Verdict } from './check/check.js'
import { ApiClient } from './load/api-client.js'
import { BulkClient } from './load/bulk-client.js'
import { History } from './load/history.js'
import { LogReader } from './load/log-reader.js'
import { Phase } from './load/phase.js'
import { SingleClient } from './load/single-client.js'
import { Watcher } from './load/watcher.js'
import { type Fault } from './nemesis/fault.js'
import { torment, type Torment } from './nemesis/nemesis.js'
import { Random } from './random.js'
import { type Project, type Stage } from './stage/stage.js'

/** Of each of two clients of each project. */
const LEAST_REQUESTS = 5
const PAUSE_MS = 50
/** For a report to be read when nothing is wrong any more. */
const READING_MS = 30_000

export interface RunOptions {
  readonly seed: string
  /** How long harm is done. */
  readonly seconds: number
  readonly groups: readonly (readonly Fault[])[]
  readonly isLong: boolean
  /** In which everything must have ended once the harm is over. */
  readonly patienceMs: number
  readonly signal: AbortSignal
}

export interface RunResult extends Verdict, Torment {
  readonly history: History
}

/** One run: load and harm at the same time, then peace until all has ended, then the verdict. */
export async function run(stage: Stage, options: RunOptions): Promise<RunResult> {
  const { groups, patienceMs, signal } = options
  const random = new Random(options.seed)
  const history = new History()
  const phase = new Phase(performance.now() + options.seconds * 1_000, signal)
  const way = await stage.openWay()
  const reader = new LogReader(stage.options.build, stage.servers.urlOf(stage.options.name, way.port))
  const reading = reader.run(phase)
  const load = Promise.all(
    stage.projects.map((project) => loadOf(stage, project, { history, random, phase })),
  )
  try {
    const { isLong } = options
    const scene = { stage, history, random: random.for('nemesis'), isLong, hold: holder(signal) }
    const done = await Promise.race([torment(scene, groups, phase), failureOf(load), failureOf(reading)])
    stage.heal()
    await stage.isWhole()
    await inTime(load, history, patienceMs)
    await inTime(noneIsOpen(stage, phase), history, patienceMs)
    const reports = await readReports(stage, history)
    phase.end()
    await inTime(reading, history, patienceMs)
    const verdict = await check(stage, { history, log: reader.read, reports })
    return { ...verdict, ...done, history }
  } finally {
    phase.end()
    await reader.close()
  }
}

interface Load {
  readonly history: History
  readonly random: Random
  readonly phase: Phase
}

/** All clients of one project. */
async function loadOf(stage: Stage, project: Project, { history, random, phase }: Load): Promise<void> {
  const client = (): ApiClient => new ApiClient(stage.addresses, project, history)
  const bulk = (letter: string): Promise<void> => {
    const name = `p${project.number}${letter}`
    return new BulkClient(name, project, client(), history, random.for(name)).run(phase, LEAST_REQUESTS)
  }
  let isPosting = true
  const posting = Promise.all([bulk('a'), bulk('b')]).finally(() => {
    isPosting = false
  })
  const single = new SingleClient(project, client(), history, random.for(`singles of ${project.number}`))
  const watcher = new Watcher(project, client(), history)
  await Promise.all([posting, single.run(phase), watcher.run(phase, () => isPosting)])
}

const holder =
  (signal: AbortSignal) =>
  async (milliseconds: number): Promise<void> => {
    await pause(milliseconds, undefined, { signal }).catch(() => undefined) // the run is being stopped
  }

/** Rejects when it fails, and otherwise never settles: a client that fails ends the run at once. */
const failureOf = (part: Promise<unknown>): Promise<never> =>
  part.then(() => new Promise<never>(() => undefined))

async function inTime(work: Promise<unknown>, history: History, patienceMs: number): Promise<void> {
  const patience = new AbortController()
  const late = pause(patienceMs, 'late', { signal: patience.signal }).catch(() => 'in time')
  try {
    if ((await Promise.race([work, late])) === 'late')
      history.complain(`Not everything had ended ${patienceMs / 1_000} s after the harm was over`)
  } finally {
    patience.abort()
  }
}

/** Also of requests that nobody heard of again. */
async function noneIsOpen({ admin }: Stage, phase: Phase): Promise<void> {
  while (!phase.isOver) {
    const [open] = await admin.rows<{ count: number }>(
      'SELECT count(*)::int AS count FROM async_actions WHERE finished_at IS NULL',
    )
    if (open?.count === 0) return
    await pause(PAUSE_MS)
  }
}

/** Every report as any client can have it now. */
async function readReports(stage: Stage, history: History): Promise<Map<string, string>> {
  const reports = new Map<string, string>()
  for (const project of stage.projects) {
    const client = new ApiClient(stage.addresses, project, history)
    for (const { name, actionId } of history.bulksOf(project)) {
      if (actionId === undefined) continue
      const deadline = performance.now() + READING_MS
      const { body } = await client.insist({ path: `/v1/async-actions/${actionId}` }, deadline)
      const link = (body['result'] as { reports: string[] } | undefined)?.reports[0]
      if (link === undefined) continue
      const { pathname, search } = new URL(link)
      reports.set(name, (await client.insist({ path: pathname + search }, deadline)).text)
    }
  }
  return reports
}
