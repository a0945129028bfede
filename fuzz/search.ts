import { say } from '../rig/program.js'
import { type Context } from './context.js'
import { type Failure, Fuzzer } from './fuzzer.js'
import { type Options } from './options.js'
import { Stage } from './stage/stage.js'

type Search = Pick<Options, 'seed' | 'milliseconds' | 'route' | 'path'> & { isHunt?: boolean }

/** Round after round until the time is over; resolves with the first failure. */
export async function search(
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

/** Gives the work a fuzzer of a build, with an API, a worker and a database of its own. */
export async function onStage<T>(
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
