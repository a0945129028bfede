import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { type ProbeOrder, type ProbeReport } from './prober-process.js'

/** The process that asks whether the API still answers. */
export class Prober {
  readonly #child: ChildProcess = fork(join(__dirname, 'prober-process.js'))

  start(order: ProbeOrder): void {
    this.#child.send(order)
  }

  /** Resolves when the last call was answered. */
  async finish(): Promise<ProbeReport> {
    const ended = once(this.#child, 'exit').then(() => {
      throw new Error('The prober ended unexpectedly')
    })
    const reported = once(this.#child, 'message')
    this.#child.send('stop')
    const [report] = (await Promise.race([reported, ended])) as [ProbeReport]
    ended.catch(() => undefined) // now it may
    return report
  }

  stop(): void {
    if (this.#child.connected) this.#child.disconnect()
  }
}
