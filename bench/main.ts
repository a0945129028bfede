import { join } from 'node:path'
import { measureAwake } from './awake/awake.js'
import { type Context, type Findings, say } from './context.js'
import { measureJobs } from './jobs/jobs.js'
import { measureAllLists } from './lists/lists.js'
import { measureMatrix } from './matrix/matrix.js'
import { measureMemory } from './memory/memory.js'
import { HELP, type Options, type Part, readOptions } from './options.js'
import { comparison } from './report/compare.js'
import { readResults, releaseFile, type Results, writeResults } from './report/results-file.js'
import { measureScale } from './scale/scale.js'
import { loadLauncher } from './system/compiled.js'
import { describeMachine } from './system/machine.js'
import { Servers } from './system/servers.js'

const EXIT = { good: 0, failed: 1, interrupted: 130 } as const

const MEASURES: Readonly<Record<Part, (context: Context) => Promise<Findings>>> = {
  matrix: measureMatrix,
  memory: measureMemory,
  awake: measureAwake,
  scale: measureScale,
  jobs: measureJobs,
  lists: measureAllLists,
}

/** The whole bench; resolves with the exit code. */
export async function bench(args: string[], clone: string): Promise<number> {
  const options = readOptions(args, join(clone, 'bench', 'results', 'latest.json'))
  if (options === undefined) {
    console.log(HELP)
    return EXIT.good
  }
  const earlier = options.compare === undefined ? undefined : readResults(options.compare)
  const launcher = loadLauncher(clone)
  const stopList = new launcher.StopList()
  const signal = launcher.listenForStop(() => {
    say('Stopping …')
  })
  const work = async (): Promise<number> => {
    say('Starting PostgreSQL and Redis …')
    const servers = await Servers.start(launcher, stopList, signal)
    signal.throwIfAborted()
    return measure({ clone, options, launcher, servers, stopList, signal }, earlier)
  }
  try {
    return await launcher.unlessStopped(work(), signal)
  } catch (error) {
    if (!signal.aborted) console.error((error as Error).message)
    return signal.aborted ? EXIT.interrupted : EXIT.failed
  } finally {
    await stopList.stopAll(say)
  }
}

async function measure(context: Context, earlier: Results | undefined): Promise<number> {
  const { clone, options, servers, signal } = context
  const machine = describeMachine(clone, await servers.version())
  const findings: Findings[] = []
  for (const part of options.parts) {
    signal.throwIfAborted()
    say(`── ${part}`)
    findings.push(await MEASURES[part](context))
  }
  const details = Object.fromEntries(options.parts.map((part, index) => [part, findings[index]?.details]))
  const results = { machine, options, figures: findings.flatMap(({ figures }) => figures), details }
  keep(clone, options, results)
  const { date, commit, cores, cpu, node, postgres } = machine
  print(`Rollcall ${commit}, ${date}: ${cores} cores (${cpu}), Node.js ${node}, PostgreSQL ${postgres}`)
  for (const { text } of findings) print(text)
  if (earlier !== undefined) print(comparison(earlier, results))
  return judge(options, findings)
}

function keep(clone: string, { json, save }: Options, results: Results): void {
  writeResults(json, results)
  if (save) writeResults(releaseFile(clone, results.machine), results)
}

/** Small payloads say nothing about times: their overhead is not that of 10 MB. */
function judge({ smoke }: Options, findings: readonly Findings[]): number {
  if (smoke) print('All results were correct. The times of so little work mean nothing.')
  const problems = findings.flatMap(({ problem }) => problem ?? [])
  for (const problem of problems) print(problem)
  return problems.length === 0 ? EXIT.good : EXIT.failed
}

function print(text: string): void {
  console.log(`\n${text}`)
}
