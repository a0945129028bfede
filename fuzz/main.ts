import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describeMachine, type Machine } from '../rig/machine.js'
import { withFigures } from '../rig/markdown.js'
import { runProgram, say } from '../rig/program.js'
import { Servers } from '../rig/servers.js'
import { type Context } from './context.js'
import { type Failure, type Fuzzer } from './fuzzer.js'
import { proveMutants } from './mutants/prove.js'
import { type Options, readOptions } from './options.js'
import { onStage, search } from './search.js'

/** Stands in the document, between whose marks it writes. */
const WRITTEN_BY = 'npm run fuzz -- --minutes 20 --write-docs'

/** The whole bench; resolves with the exit code. */
export async function fuzz(args: string[], clone: string): Promise<number> {
  const options = readOptions(args)
  if (typeof options === 'string') {
    console.log(options)
    return 0
  }
  return runProgram(clone, async ({ launcher, stopList, signal }) => {
    say('Starting PostgreSQL and Redis …')
    const servers = await Servers.start({ launcher, stopList, say, name: 'fuzz' })
    const context = { clone, options, launcher, servers, signal }
    return options.mutants.length > 0 ? proveMutants(context) : fuzzBuild(context)
  })
}

function fuzzBuild(context: Context): Promise<boolean> {
  const { clone, options, servers } = context
  return onStage(context, { build: join(clone, 'dist'), name: 'fuzz' }, async (fuzzer) => {
    const failure = await search(context, fuzzer, options)
    const machine = describeMachine(clone, await servers.version())
    const { tally } = fuzzer
    keep(options, { machine, seed: options.seed, failure, operations: tally.figures() })
    console.log(tally.table())
    if (failure) {
      print(failure)
      return false
    }
    if (!sawAll(fuzzer, options)) return false
    console.log(`${tally.total} requests from seed ${options.seed} on: each was answered as it must be.`)
    if (options.writeDocs) writeDocs(clone, `${runLine(machine, options, tally.total)}\n\n${tally.table()}`)
    return true
  })
}

/** Whether every operation was answered with success; what never was, nothing is known of. */
function sawAll(fuzzer: Fuzzer, { route, path }: Options): boolean {
  const routes = fuzzer.operations(route).map(({ name }) => name)
  const blind = path === undefined ? fuzzer.tally.neverDone(routes) : []
  for (const name of blind) console.log(`${name} was never answered with success: nothing is known of it.`)
  return blind.length === 0
}

function keep({ json }: Options, results: object): void {
  if (json !== undefined) writeFileSync(json, `${JSON.stringify(results, null, 2)}\n`)
}

const runLine = (
  { commit, date, cores, node, postgres }: Machine,
  { seed, milliseconds }: Options,
  requests: number,
) =>
  `Rollcall ${commit}, ${date}: ${requests} requests in ${milliseconds / 60_000} minutes, seed ${seed}, ${cores} cores, Node.js ${node}, PostgreSQL ${postgres}. Nothing was wrong.`

function print({ route, seed, path, problems, curl }: Failure): void {
  console.log(`\n${route} is answered wrongly:`)
  for (const problem of problems) console.log(`  ${problem}`)
  console.log(`\n  ${curl}\n\nOnce more: npm run fuzz -- --seed ${seed} --route "${route}" --path "${path}"`)
}

function writeDocs(clone: string, figures: string): void {
  const file = join(clone, 'docs', 'hostile-input.md')
  writeFileSync(file, withFigures(readFileSync(file, 'utf8'), WRITTEN_BY, figures))
}
