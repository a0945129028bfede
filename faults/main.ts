import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Machine, describeMachine } from '../rig/machine.js'
import { withFigures } from '../rig/markdown.js'
import { runProgram, say } from '../rig/program.js'
import { Servers } from '../rig/servers.js'
import { type Context } from './context.js'
import { type Fault } from './nemesis/fault.js'
import { FAULTS, GROUPS, isPossible } from './nemesis/faults.js'
import { type Options, readOptions } from './options.js'
import { proveMutants } from './mutants/prove.js'
import { Runs } from './report/runs.js'
import { runSeed } from './run-seed.js'
import { loadBuild } from './stage/build.js'
import { canMakeHosts } from './stage/host.js'

const PATIENCE_MS = 120_000
/** Stands in the document, between whose marks it writes. */
const WRITTEN_BY = 'npm run faults -- --seeds 50 --write-docs'

/** The whole bench; resolves with the exit code. */
export async function faults(args: string[], clone: string): Promise<number> {
  const options = readOptions(args)
  if (typeof options === 'string') {
    console.log(options)
    return 0
  }
  return runProgram(clone, async ({ launcher, stopList, signal }) => {
    say('Starting PostgreSQL and Redis …')
    const servers = await Servers.start({ launcher, stopList, say, name: 'faults', onSmallDisk: true })
    const hosts = canMakeHosts()
    const context = { clone, options, launcher, servers, hosts, patienceMs: PATIENCE_MS, signal }
    return options.mutants.length > 0 ? proveMutants(context) : torture(context)
  })
}

/** Run after run on what was built, until there were enough or one has failed. */
async function torture(context: Context): Promise<boolean> {
  const { clone, options, servers, signal } = context
  const build = loadBuild(join(clone, 'dist'))
  const groups = chosen(context)
  const runs = new Runs(notRun(context))
  const began = performance.now()
  for (const seed of seedsOf(options, began)) {
    signal.throwIfAborted()
    const result = await runSeed(context, { seed, build, groups })
    runs.add(seed, result)
    if (result.problems.length > 0) break
  }
  print(runs.summary())
  const machine = describeMachine(clone, await servers.version())
  keep(options, { machine, ...runs.figures() })
  const areGood = runs.areGood(options.isComplete)
  if (options.writeDocs && areGood) writeDocs(clone, [runLine(machine), runs.table()].join('\n\n'))
  return areGood
}

function* seedsOf({ seeds, milliseconds }: Options, began: number): Generator<number> {
  if (milliseconds === undefined) return yield* seeds
  for (let seed = seeds[0] ?? 1; performance.now() - began < milliseconds; seed++) yield seed
}

function chosen(context: Context): Fault[][] {
  const { faults: names } = context.options
  const isChosen = (fault: Fault): boolean =>
    isPossible(fault, context) && (names.length === 0 || names.includes(fault.name))
  return GROUPS.map((group) => group.filter(isChosen)).filter((group) => group.length > 0)
}

const notRun = (context: Context): string[] =>
  FAULTS.filter((fault) => !isPossible(fault, context)).map(({ name, needs }) => `${name} (${needs ?? ''})`)

function keep({ json }: Options, results: { machine: Machine }): void {
  if (json !== undefined) writeFileSync(json, `${JSON.stringify(results, null, 2)}\n`)
}

function writeDocs(clone: string, figures: string): void {
  const file = join(clone, 'docs', 'guarantees.md')
  writeFileSync(file, withFigures(readFileSync(file, 'utf8'), WRITTEN_BY, figures))
}

const runLine = ({ date, commit, cores, node, postgres }: Machine): string =>
  `Rollcall ${commit}, ${date}: ${cores} cores, Node.js ${node}, PostgreSQL ${postgres}.`

function print(text: string): void {
  console.log(text)
}
