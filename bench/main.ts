import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { measureAwake } from './awake/awake.js'
import { measureBeside } from './beside/beside.js'
import { same } from './checks.js'
import { type Context, type Findings } from './context.js'
import { measureHostile } from './hostile/hostile.js'
import { measureJobs } from './jobs/jobs.js'
import { measureAllLists } from './lists/lists.js'
import { measureMatrix } from './matrix/matrix.js'
import { measureMemory } from './memory/memory.js'
import { HELP, type Options, type Part, readOptions } from './options.js'
import { comparison } from './report/compare.js'
import { withFigures } from '../rig/markdown.js'
import { runProgram, say } from '../rig/program.js'
import { readResults, releaseFile, type Results, writeResults } from './report/results-file.js'
import { measureScale } from './scale/scale.js'
import { targetsIn } from './report/targets.js'
import { targetsTable } from './report/targets-table.js'
import { describeMachine, type Machine } from '../rig/machine.js'
import { Servers } from './system/servers.js'

/** Stands in the document, between whose marks it writes. */
const WRITTEN_BY = 'npm run bench -- --all --write-docs'

const MEASURES: Readonly<Record<Part, (context: Context) => Promise<Findings>>> = {
  matrix: measureMatrix,
  memory: measureMemory,
  awake: measureAwake,
  scale: measureScale,
  jobs: measureJobs,
  lists: measureAllLists,
  hostile: measureHostile,
  beside: measureBeside,
}

/** The whole bench; resolves with the exit code. */
export async function bench(args: string[], clone: string): Promise<number> {
  const options = readOptions(args, clone)
  if (options === undefined) {
    console.log(HELP)
    return 0
  }
  const earlier = options.compare === undefined ? undefined : readResults(options.compare)
  return runProgram(clone, async ({ launcher, stopList, signal }) => {
    say('Starting PostgreSQL and Redis …')
    const servers = await Servers.start(launcher, stopList, signal)
    signal.throwIfAborted()
    return measure({ clone, options, launcher, servers, stopList, signal }, earlier)
  })
}

async function measure(context: Context, earlier: Results | undefined): Promise<boolean> {
  const { clone, options, servers, signal } = context
  const machine = describeMachine(clone, await servers.version())
  const findings: Findings[] = []
  for (const part of options.parts) {
    signal.throwIfAborted()
    say(`── ${part}`)
    findings.push(await MEASURES[part](context))
    // All take the better part of an hour: what is measured is not to be lost with a later part.
    writeResults(options.json, resultsOf(machine, options, findings))
  }
  const results = resultsOf(machine, options, findings)
  keep(context, results)
  print(runLine(machine))
  for (const { text } of findings) print(text)
  const targets = targetsIn(results.figures)
  if (targets.length > 0 && !options.smoke) print(targetsTable(targets))
  if (earlier !== undefined) print(comparison(earlier, results))
  if (options.smoke) checkComparison(readResults(options.json), results)
  return judge(options, findings)
}

function resultsOf(machine: Machine, options: Options, findings: readonly Findings[]): Results {
  const details = Object.fromEntries(options.parts.map((part, index) => [part, findings[index]?.details]))
  return {
    machine,
    options: { ...options, json: undefined },
    figures: findings.flatMap(({ figures }) => figures),
    details,
  }
}

function keep({ clone, options: { save, writeDocs } }: Context, results: Results): void {
  if (save) writeResults(releaseFile(clone, results.machine), results)
  const file = join(clone, 'docs', 'performance.md')
  const figures = [runLine(results.machine), targetsTable(targetsIn(results.figures))].join('\n\n')
  const document = withFigures(readFileSync(file, 'utf8'), WRITTEN_BY, figures)
  if (writeDocs) writeFileSync(file, document)
}

const runLine = ({ date, commit, cores, cpu, node, postgres }: Machine): string =>
  `Rollcall ${commit}, ${date}: ${cores} cores (${cpu}), Node.js ${node}, PostgreSQL ${postgres}`

/** What was written is what is read, and a run is no better than itself. */
function checkComparison(read: Results, results: Results): void {
  same('figures read', read.figures.length, results.figures.length)
  const wrong = comparison(read, results)
    .split('\n')
    .find((line) => /better$|WORSE$/.test(line))
  same('a figure that differs from itself', wrong, undefined)
}

/** Small payloads say nothing about times: their overhead is not that of 10 MB. */
function judge({ smoke }: Options, findings: readonly Findings[]): boolean {
  if (smoke) print('All results were correct. The times of so little work mean nothing.')
  const problems = findings.flatMap(({ problem }) => problem ?? [])
  for (const problem of problems) print(problem)
  return problems.length === 0
}

function print(text: string): void {
  console.log(`\n${text}`)
}
