import { join } from 'node:path'
import { breed } from '../../rig/breed.js'
import { type Context, say } from '../context.js'
import { GROUPS } from '../nemesis/faults.js'
import { runSeed } from '../run-seed.js'
import { type RunResult } from '../run.js'
import { loadBuild } from '../stage/build.js'
import { type Mutant, MUTANTS } from './mutants.js'

/** Every defect has to be found within this time. */
const LONGEST_MS = 60_000
/** Short runs: what a mutant leaves undone is not waited for. */
const SECONDS = 8

/** A checker that finds nothing may be blind; resolves with the exit code. */
export async function proveMutants(context: Context): Promise<number> {
  let survivors = 0
  for (const mutant of MUTANTS.filter(({ name }) => context.options.mutants.includes(name))) {
    context.signal.throwIfAborted()
    const caughtAfter = await hunt(context, mutant)
    if (caughtAfter === undefined) survivors++
    console.log(
      caughtAfter === undefined
        ? `${mutant.name} SURVIVED: ${mutant.claim}`
        : `${mutant.name} was caught after ${Math.round(caughtAfter / 1_000)} s: ${mutant.claim}`,
    )
  }
  return survivors === 0 ? 0 : 1
}

/** Milliseconds until it was caught. */
async function hunt(context: Context, mutant: Mutant): Promise<number | undefined> {
  const { clone, options } = context
  const build = loadBuild(breed(clone, { ...mutant, of: join(clone, 'dist') }))
  const groups = GROUPS.map((group) => group.filter(({ name }) => mutant.faults.includes(name)))
  const trial = { build, groups: groups.filter((group) => group.length > 0) }
  const short = { ...context, options: { ...options, seconds: SECONDS }, patienceMs: SECONDS * 1_000 }
  const began = performance.now()
  for (let seed = options.seeds[0] ?? 1; performance.now() - began < LONGEST_MS; seed++) {
    const result = await runSeed(short, { seed, ...trial })
    const symptom = symptomOf(result, mutant)
    if (symptom === undefined) continue
    say(`  ${symptom}`)
    return performance.now() - began
  }
  return undefined
}

const symptomOf = ({ problems }: RunResult, { symptom }: Mutant): string | undefined =>
  problems.find((problem) => symptom.test(problem))
