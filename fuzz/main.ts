import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { breed } from '../rig/breed.js'
import { loadLauncher } from '../rig/compiled.js'
import { describeMachine } from '../rig/machine.js'
import { withFigures } from '../rig/markdown.js'
import { Servers } from '../rig/servers.js'
import { type Failure, Fuzzer } from './fuzzer.js'
import { type Mutant, MUTANTS } from './mutants/mutants.js'
import { type Options, readOptions } from './options.js'
import { Stage } from './stage/stage.js'

const EXIT = { good: 0, failed: 1, interrupted: 130 } as const
/** Every mutant has to be found within this time. */
const LONGEST_HUNT_MS = 30_000
/** Stands in the document, between whose marks it writes. */
const WRITTEN_BY = 'npm run fuzz -- --minutes 20 --write-docs'

interface Context {
  readonly clone: string
  readonly options: Options
  readonly launcher: ReturnType<typeof loadLauncher>
  readonly servers: Servers
  readonly signal: AbortSignal
}

/** The whole bench; resolves with the exit code. */
export async function fuzz(args: string[], clone: string): Promise<number> {
  const options = readOptions(args)
  if (typeof options === 'string') {
    console.log(options)
    return EXIT.good
  }
  const launcher = loadLauncher(clone)
  const stopList = new launcher.StopList()
  const signal = launcher.listenForStop(() => {
    say('Stopping …')
  })
  const work = async (): Promise<number> => {
    say('Starting PostgreSQL and Redis …')
    const servers = await Servers.start({ launcher, stopList, say, name: 'fuzz' })
    const context = { clone, options, launcher, servers, signal }
    return options.mutants.length > 0 ? proveMutants(context) : fuzzBuild(context)
  }
  try {
    return await launcher.unlessStopped(work(), signal)
  } catch (error) {
    if (!signal.aborted) console.error((error as Error).stack)
    return signal.aborted ? EXIT.interrupted : EXIT.failed
  } finally {
    await stopList.stopAll(say)
  }
}

async function fuzzBuild(context: Context): Promise<number> {
  const { clone, options, servers } = context
  return onStage(context, { build: join(clone, 'dist'), name: 'fuzz' }, async (fuzzer) => {
    const failure = await search(context, fuzzer, options)
    const routes = fuzzer.operations(options.route).map(({ name }) => name)
    const blind = options.path === undefined ? fuzzer.tally.neverDone(routes) : []
    const table = fuzzer.tally.table()
    console.log(table)
    if (failure) print(failure)
    else
      for (const route of blind)
        console.log(`${route} was never answered with success: nothing is known of it.`)
    const machine = describeMachine(clone, await servers.version())
    if (options.json !== undefined)
      writeFileSync(
        options.json,
        `${JSON.stringify({ machine, seed: options.seed, failure, operations: fuzzer.tally.figures() }, null, 2)}\n`,
      )
    const isGood = failure === undefined && blind.length === 0
    if (isGood)
      console.log(
        `${fuzzer.tally.total} requests from seed ${options.seed} on: each was answered as it must be.`,
      )
    if (isGood && options.writeDocs) {
      const line = `Rollcall ${machine.commit}, ${machine.date}: ${fuzzer.tally.total} requests in ${options.milliseconds / 60_000} minutes, seed ${options.seed}, ${machine.cores} cores, Node.js ${machine.node}, PostgreSQL ${machine.postgres}. Nothing was wrong.`
      writeDocs(clone, `${line}\n\n${table}`)
    }
    return isGood ? EXIT.good : EXIT.failed
  })
}

type Search = Pick<Options, 'seed' | 'milliseconds' | 'route' | 'path'> & { isHunt?: boolean }

/** Round after round until the time is over; resolves with the first failure. */
async function search(
  { signal }: Context,
  fuzzer: Fuzzer,
  { seed: first, milliseconds, route, path, isHunt = false }: Search,
): Promise<Failure | undefined> {
  const began = performance.now()
  for (let seed = first; ; seed++) {
    for (const operation of fuzzer.operations(route)) {
      signal.throwIfAborted()
      const failure = await fuzzer.round(operation, seed, { path, isHunt })
      if (failure || path !== undefined) return failure
    }
    const passed = performance.now() - began
    if (passed >= milliseconds) return undefined
    say(
      `seed ${seed}: good; ${fuzzer.tally.total} requests, ${Math.round((milliseconds - passed) / 1_000)} s to go`,
    )
  }
}

/** Whoever finds nothing may be blind; resolves with the exit code. */
async function proveMutants(context: Context): Promise<number> {
  let survivors = 0
  for (const mutant of MUTANTS.filter(({ name }) => context.options.mutants.includes(name))) {
    context.signal.throwIfAborted()
    const began = performance.now()
    const failure = await hunt(context, mutant)
    const symptom = failure?.problems.find((problem) => mutant.symptom.test(problem))
    if (symptom === undefined) survivors++
    const seconds = Math.round((performance.now() - began) / 1_000)
    console.log(
      symptom === undefined
        ? `${mutant.name} SURVIVED: ${mutant.claim}${failure ? ` (${failure.problems.join('; ')})` : ''}`
        : `${mutant.name} was found after ${seconds} s: ${mutant.claim}`,
    )
  }
  return survivors === 0 ? EXIT.good : EXIT.failed
}

function hunt(context: Context, mutant: Mutant): Promise<Failure | undefined> {
  const { clone, options } = context
  const build = breed(clone, { ...mutant, of: join(clone, 'dist') })
  const database = `fuzz_${mutant.name.replaceAll('-', '_')}`
  const limits = {
    seed: options.seed,
    milliseconds: LONGEST_HUNT_MS,
    route: mutant.route,
    path: undefined,
    isHunt: true,
  }
  return onStage(context, { build, name: database }, (fuzzer) => search(context, fuzzer, limits))
}

async function onStage<T>(
  { launcher, servers }: Context,
  { build, name }: { build: string; name: string },
  work: (fuzzer: Fuzzer) => Promise<T>,
): Promise<T> {
  const stage = await Stage.build({ launcher, servers, build, name, say })
  try {
    return await work(await Fuzzer.of(stage))
  } finally {
    await stage.stop()
    await servers.dropDatabase(name)
  }
}

function print({ route, seed, path, problems, curl }: Failure): void {
  console.log(`\n${route} is answered wrongly:`)
  for (const problem of problems) console.log(`  ${problem}`)
  console.log(`\n  ${curl}\n\nOnce more: npm run fuzz -- --seed ${seed} --route "${route}" --path "${path}"`)
}

function writeDocs(clone: string, figures: string): void {
  const file = join(clone, 'docs', 'hostile-input.md')
  writeFileSync(file, withFigures(readFileSync(file, 'utf8'), WRITTEN_BY, figures))
}

/** One line while it runs. */
function say(line: string): void {
  console.error(line)
}
