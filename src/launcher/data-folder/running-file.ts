import { rmSync } from 'node:fs'
import { type DataFolder } from './data-folder.js'
import { readPrivately, writePrivately } from './private-file.js'

/** What a start tells others about itself while it runs. */
export interface RunningStart {
  /** Process id of the launcher. */
  readonly pid: number
  readonly databaseUrl?: string
  readonly redisUrl?: string
  /** Where the API listens, once it does. */
  readonly baseUrl?: string
  readonly children: readonly { readonly name: string; readonly pid: number }[]
}

/** `running.json` in the data folder: there while a start runs, or after one was killed. */
export class RunningFile {
  readonly #path: string

  constructor(folder: DataFolder) {
    this.#path = folder.file('running.json')
  }

  read(): RunningStart | undefined {
    return readPrivately(this.#path, 'Remove it, unless a start runs on this folder.') as
      RunningStart | undefined
  }

  /** Changes what is given and keeps the rest. */
  update(change: Partial<RunningStart>): void {
    const { children = [] } = this.read() ?? {}
    writePrivately(this.#path, { pid: process.pid, children, ...this.read(), ...change })
  }

  remove(): void {
    rmSync(this.#path, { force: true })
  }
}
