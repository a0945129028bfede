import { join } from 'node:path'
import { breed } from '../../rig/breed.js'
import { say } from '../../rig/program.js'
import { proveAll } from '../../rig/prove-mutants.js'
import { type Context } from '../context.js'
import { type Failure } from '../fuzzer.js'
import { onStage, search } from '../search.js'
import { type Mutant, MUTANTS } from './mutants.js'

/** Every mutant has to be found within this time. */
const LONGEST_HUNT_MS = 30_000

export const proveMutants = (context: Context): Promise<boolean> =>
  proveAll(
    MUTANTS.filter(({ name }) => context.options.mutants.includes(name)),
    (mutant) => isCaught(context, mutant),
  )

async function isCaught(context: Context, mutant: Mutant): Promise<boolean> {
  context.signal.throwIfAborted()
  const { problems = [] } = (await hunt(context, mutant)) ?? {}
  for (const problem of problems) say(`  ${problem}`)
  return problems.some((problem) => mutant.symptom.test(problem))
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
