import { type Launcher } from '../../rig/compiled.js'
import { PeakMemory } from './peak-memory.js'
import { cpuOf } from './procfs.js'

export type Role = 'api' | 'worker'
type Child = InstanceType<Launcher['Child']>

export interface ProcessOptions {
  readonly workers: number
  /** Settings by their variables, for all processes. */
  readonly env: NodeJS.ProcessEnv
  /** More of them, for the API alone. */
  readonly apiEnv?: NodeJS.ProcessEnv | undefined
  readonly folder: string
  readonly say: (line: string) => void
}

/** One API and some workers, as `npm start` runs them: each a process of its own. */
export class Processes {
  readonly #api: Child
  readonly #workers: readonly Child[]
  #starts = 0

  constructor(
    private readonly launcher: Launcher,
    private readonly options: ProcessOptions,
    apiPort: number,
  ) {
    this.#api = this.#make('api', 'api', apiPort)
    this.#workers = Array.from({ length: options.workers }, (_, index) =>
      this.#make('worker', index === 0 ? 'worker' : `worker ${index + 1}`, 0),
    )
  }

  /** Whether any of them ended and was started again. */
  get wasInterrupted(): boolean {
    return this.#starts > this.#all.length
  }

  /** Resolves with the URL of the API. */
  async start(): Promise<string> {
    const [url = ''] = await Promise.all(this.#all.map((child) => child.start()))
    return url
  }

  async stop(): Promise<void> {
    await Promise.all(this.#all.map((child) => child.stop()))
  }

  /** Seconds of CPU so far; of all workers together. */
  cpu(): Record<Role, number> {
    return {
      api: cpuOf(this.#api.pid),
      worker: this.#workers.reduce((sum, { pid }) => sum + cpuOf(pid), 0),
    }
  }

  /** Begins to watch; what it gives tells the most memory since then, of workers that of the largest. */
  watchMemory(): () => Record<Role, number> {
    const api = new PeakMemory(this.#api.pid)
    const workers = this.#workers.map(({ pid }) => new PeakMemory(pid))
    return () => ({ api: api.read(), worker: Math.max(...workers.map((worker) => worker.read())) })
  }

  get #all(): readonly Child[] {
    return [this.#api, ...this.#workers]
  }

  #make(role: Role, name: string, port: number): Child {
    const { env, apiEnv, folder, say } = this.options
    const onSpawn = (): void => {
      this.#starts++
    }
    const ownEnv = role === 'api' ? { ...env, ...apiEnv } : env
    const place = { host: '127.0.0.1', port }
    return new this.launcher.Child({ name, role, ...place, env: ownEnv, dataFolder: folder, say, onSpawn })
  }
}
