import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import type { Tasks } from './yardstick-process.js'

/** Fewer collections of short-lived objects: what the yardstick is allowed to win by. */
const NODE_FLAGS = ['--max-semi-space-size=64']

/** The yardstick in its own process; one task at a time. */
export class YardstickClient {
  readonly #child: ChildProcess
  readonly #ended: Promise<never>

  constructor() {
    this.#child = fork(join(__dirname, 'yardstick-process.js'), { execArgv: NODE_FLAGS })
    this.#ended = once(this.#child, 'exit').then(() => {
      throw new Error('The yardstick ended unexpectedly')
    })
    this.#ended.catch(() => undefined) // it does end at last; whoever asks something then is told
  }

  async ask<T extends keyof Tasks>(
    task: T,
    ...parameters: Parameters<Tasks[T]>
  ): Promise<Awaited<ReturnType<Tasks[T]>>> {
    const answered = Promise.race([once(this.#child, 'message'), this.#ended])
    this.#child.send({ task, parameters })
    const [answer] = (await answered) as [{ result?: unknown; error?: string }]
    if (answer.error !== undefined) throw new Error(`The yardstick failed: ${answer.error}`)
    return answer.result as Awaited<ReturnType<Tasks[T]>>
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return
    const exit = once(this.#child, 'exit')
    this.#child.disconnect()
    await exit
  }
}
