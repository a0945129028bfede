import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { checkQueue } from './matrix/checks.js'
import { loadLauncher, type Launcher } from './system/compiled.js'
import { listTable, measureLists } from './lists/lists.js'
import { describeMachine } from './system/machine.js'
import { type Round, runRound, type Scene } from './matrix/round.js'
import { HELP, type Options, readOptions } from './options.js'
import { makePayload, type Payload, type Phase } from './payloads.js'
import { type ProcessMemory, type Role, Rollcall } from './system/rollcall.js'
import { Servers } from './system/servers.js'
import { LONGEST_LIMIT_IN_COPIES, type ShapeSummary, summarize } from './matrix/summary.js'
import { isYardstickGood, memoryTable, progressLine, requirements, shapeTable } from './matrix/table.js'
import { YardstickClient } from './yardstick/yardstick-client.js'

const EXIT = { good: 0, failed: 1, interrupted: 130 } as const
/** Enough to see whether memory grows with them. */
const QUEUED_REQUESTS = 4

type StopList = InstanceType<Launcher['StopList']>

interface Run {
  readonly clone: string
  readonly options: Options
  readonly launcher: Launcher
  readonly stopList: StopList
  readonly signal: AbortSignal
}

/** The whole bench; resolves with the exit code. */
export async function bench(args: string[], clone: string): Promise<number> {
  const options = readOptions(args, join(clone, 'bench', 'results', 'latest.json'))
  if (options === undefined) {
    console.log(HELP)
    return EXIT.good
  }
  const launcher = loadLauncher(clone)
  const stopList = new launcher.StopList()
  const signal = launcher.listenForStop(() => {
    progress('Stopping …')
  })
  try {
    return await launcher.unlessStopped(measure({ clone, options, launcher, stopList, signal }), signal)
  } catch (error) {
    if (!signal.aborted) console.error((error as Error).message)
    return signal.aborted ? EXIT.interrupted : EXIT.failed
  } finally {
    await stopList.stopAll(progress)
  }
}

async function measure(run: Run): Promise<number> {
  const { clone, options } = run
  const scene = await setScene(run)
  if (options.lists > 0) return measureAllLists(run, scene)
  const results: { summary: ShapeSummary; first: Round; rounds: Round[] }[] = []
  for (const shape of options.shapes) {
    const payload = makePayload(shape, options.bytes)
    await scene.yardstick.ask('load', shape, options.bytes)
    results.push(await measureShape(scene, payload, options.rounds))
  }
  progress(`memory: ${QUEUED_REQUESTS} requests at once`)
  const memory = await measureMemory(scene, makePayload('typical', options.bytes))
  const machine = describeMachine(clone, await scene.servers.version())
  const summaries = results.map(({ summary }) => summary)
  save(options.json, { machine, options, memory, results })
  const { date, commit, cores, cpu, node, postgres } = machine
  print(`Rollcall ${commit}, ${date}: ${cores} cores (${cpu}), Node.js ${node}, PostgreSQL ${postgres}`)
  for (const summary of summaries) print(shapeTable(summary, options.rounds))
  print(memoryTable(QUEUED_REQUESTS, memory))
  return judge(options, summaries, requirements(summaries, memory))
}

async function measureAllLists({ clone, options }: Run, { rollcall, servers }: Scene): Promise<number> {
  const project = await rollcall.addProject('Lists')
  try {
    const lists = await measureLists(rollcall, project, options.lists, progress)
    save(options.json, { machine: describeMachine(clone, await servers.version()), options, lists })
    print(listTable(options.lists, lists))
    return EXIT.good
  } finally {
    project.http.close()
  }
}

async function setScene({ launcher, stopList, signal }: Run): Promise<Scene> {
  progress('Starting PostgreSQL, Redis, an API and a worker …')
  const servers = await Servers.start(launcher, stopList, signal)
  signal.throwIfAborted()
  const yardstick = new YardstickClient()
  stopList.add(() => yardstick.stop())
  await yardstick.ask('connect', servers.yardstickUrl)
  signal.throwIfAborted()
  return { servers, yardstick, rollcall: await Rollcall.start(launcher, servers, stopList) }
}

/** One round to warm up, then those that count. */
async function measureShape(
  scene: Scene,
  payload: Payload,
  count: number,
): Promise<{ summary: ShapeSummary; first: Round; rounds: Round[] }> {
  const runOne = async (number: number, name: string): Promise<Round> => {
    const round = await runRound(scene, payload, number)
    const secondsOf = (side: 'ours' | 'limit'): Record<Phase, number> => ({
      new: round.phases.new[side].seconds,
      changed: round.phases.changed[side].seconds,
    })
    progress(progressLine(`${payload.shape}, ${name}`, secondsOf('ours'), secondsOf('limit')))
    return round
  }
  const first = await runOne(0, 'warming up')
  const rounds: Round[] = []
  for (let number = 1; number <= count; number++) {
    rounds.push(await runOne(number, `round ${number} of ${count}`))
  }
  return { summary: summarize(payload, first, rounds), first, rounds }
}

async function measureMemory({ rollcall }: Scene, payload: Payload): Promise<Record<Role, ProcessMemory>> {
  await rollcall.empty()
  const project = await rollcall.addProject('Queued requests')
  try {
    const { actions, memory } = await rollcall.pileUp(project, payload, QUEUED_REQUESTS)
    await checkQueue(rollcall, project, payload, actions)
    return memory
  } finally {
    project.http.close()
  }
}

/** Small payloads say nothing about times: their overhead is not that of 10 MB. */
function judge({ smoke }: Options, summaries: readonly ShapeSummary[], required: string): number {
  if (smoke) {
    print('All results were correct. The times of so little work mean nothing.')
    return EXIT.good
  }
  print(required)
  const bad = summaries.filter((summary) => !isYardstickGood(summary)).map(({ shape }) => shape)
  if (bad.length === 0) return EXIT.good
  print(
    `The yardstick is invalid (${bad.join(', ')}): it took more than ${LONGEST_LIMIT_IN_COPIES} times the COPY. Is the machine busy?`,
  )
  return EXIT.failed
}

function save(file: string, figures: object): void {
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, `${JSON.stringify(figures, undefined, 2)}\n`)
}

function print(text: string): void {
  console.log(`\n${text}`)
}

function progress(line: string): void {
  console.error(line)
}
