import { type Launcher, loadLauncher } from './compiled.js'

const EXIT = { good: 0, failed: 1, interrupted: 130 } as const

/** What a program on servers of its own is given. */
export interface Tools {
  readonly launcher: Launcher
  /** Whatever has to be ended, in reverse, when the program does. */
  readonly stopList: InstanceType<Launcher['StopList']>
  /** Aborted when the program is asked to end. */
  readonly signal: AbortSignal
}

/**
 * Runs a program that brings up processes of its own, and ends them with it, however it ends. Resolves with the exit
 * code: 0 when the work was good, 1 when it was not or threw, 130 when it was asked to end.
 */
export async function runProgram(clone: string, work: (tools: Tools) => Promise<boolean>): Promise<number> {
  const launcher = loadLauncher(clone)
  const stopList = new launcher.StopList()
  const signal = launcher.listenForStop(() => {
    say('Stopping …')
  })
  try {
    const isGood = await launcher.unlessStopped(work({ launcher, stopList, signal }), signal)
    return isGood ? EXIT.good : EXIT.failed
  } catch (error) {
    if (!signal.aborted) console.error((error as Error).stack)
    return signal.aborted ? EXIT.interrupted : EXIT.failed
  } finally {
    await stopList.stopAll(say)
  }
}

/** One line while it runs; what it found out goes to stdout. */
export function say(line: string): void {
  console.error(line)
}
