import { appendFileSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { say } from '../rig/program.js'
import { type Context } from './context.js'
import { type Fault } from './nemesis/fault.js'
import { run, type RunResult } from './run.js'
import { type Build } from './stage/build.js'
import { Stage } from './stage/stage.js'

/** Of what goes wrong in one run much is the same. */
const PROBLEMS_SHOWN = 10

export interface Trial {
  readonly seed: number
  readonly build: Build
  readonly groups: readonly (readonly Fault[])[]
}

let stages = 0

/** A run on a stage of its own. What a failed one leaves to look at lies in .prepare/faults. */
export async function runSeed(context: Context, { seed, build, groups }: Trial): Promise<RunResult> {
  const { clone, launcher, servers, hosts, options, patienceMs, signal } = context
  const folder = join(clone, '.prepare', 'faults')
  const logFile = join(folder, `${seed}.log`)
  mkdirSync(folder, { recursive: true })
  rmSync(logFile, { force: true })
  const stage = await Stage.build({
    ...{ clone, build, launcher, servers, hosts, name: `run_${++stages}` },
    say: (line) => {
      appendFileSync(logFile, `${new Date().toISOString()} ${line}\n`)
    },
  })
  try {
    const { seconds, isLong } = options
    const result = await run(stage, { seed: String(seed), seconds, isLong, patienceMs, groups, signal })
    report(seed, result)
    if (result.problems.length === 0) rmSync(logFile, { force: true })
    else writeFileSync(join(folder, `${seed}.json`), JSON.stringify(result, null, 1))
    return result
  } finally {
    await stage.tearDown()
  }
}

function report(seed: number, { problems, tally, inflicted }: RunResult): void {
  const { actions, rows, effects } = tally
  const verdict = problems.length === 0 ? 'good' : `${problems.length} problems`
  say(
    `seed ${seed}: ${verdict}; ${inflicted.length} faults, ${actions} actions, ${rows} rows, ${effects} effects`,
  )
  for (const problem of problems.slice(0, PROBLEMS_SHOWN)) say(`  ${problem}`)
  if (problems.length > 0) say(`  Faults: ${inflicted.join(', ')}\n  Again: npm run faults -- --seed ${seed}`)
}
