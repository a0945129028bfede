import { join } from 'node:path'
import { breed } from '../../rig/breed.js'
import { say } from '../../rig/program.js'
import { proveAll } from '../../rig/prove-mutants.js'
import { type Context } from '../context.js'
import { GROUPS } from '../nemesis/faults.js'
import { runSeed } from '../run-seed.js'
import { type RunResult } from '../run.js'
import { loadBuild } from '../stage/build.js'
import { type Mutant, MUTANTS } from './mutants.js'

/** Every defect has to be found within this time. */
const LONGEST_MS = 60_000
/** Short runs: what a mutant leaves undone is not waited for. */
const SECONDS = 8

export const proveMutants = (context: Context): Promise<boolean> =>
  proveAll(
    MUTANTS.filter(({ name }) => context.options.mutants.includes(name)),
    (mutant) => isCaught(context, mutant),
  )

/** Runs it, seed after seed, until what it does is seen. */
async function isCaught(context: Context, mutant: Mutant): Promise<boolean> {
  const { clone, options, signal } = context
  const build = loadBuild(breed(clone, { ...mutant, of: join(clone, 'dist') }))
  const groups = GROUPS.map((group) => group.filter(({ name }) => mutant.faults.includes(name)))
  const trial = { build, groups: groups.filter((group) => group.length > 0) }
  const short = { ...context, options: { ...options, seconds: SECONDS }, patienceMs: SECONDS * 1_000 }
  const began = performance.now()
  for (let seed = options.seeds[0] ?? 1; performance.now() - began < LONGEST_MS; seed++) {
    signal.throwIfAborted()
    const result = await runSeed(short, { seed, ...trial })
    const symptom = symptomOf(result, mutant)
    if (symptom === undefined) continue
    say(`  ${symptom}`)
    return true
  }
  return false
}

const symptomOf = ({ problems }: RunResult, { symptom }: Mutant): string | undefined =>
  problems.find((problem) => symptom.test(problem))
