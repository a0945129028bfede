import { type Settings } from '../../config/index.js'
import { Child, type ChildOptions } from './child.js'
import { until } from '../poll.js'
import { type RunningFile } from '../data-folder/running-file.js'
import { unlessStopped } from '../stop-signals.js'

const READY_MS = 60_000
const LOOPBACK = '127.0.0.1'

export interface CrewOptions {
  readonly settings: Settings
  /** Where the children find the servers, and everything they inherit. */
  readonly env: NodeJS.ProcessEnv
  readonly dataFolder: string
  readonly running: RunningFile
  readonly say: (line: string) => void
}

/** The API and worker processes of this start, as its role wants them. */
export class Crew {
  readonly #api: Child[]
  readonly #workers: Child[]

  constructor(private readonly options: CrewOptions) {
    const { role, host, port, workerCount } = options.settings
    this.#api = role === 'worker' ? [] : [this.#child('API', { role: 'api', host, port })]
    this.#workers =
      role === 'api' ? [] : Array.from({ length: workerCount }, (_, index) => this.#worker(index))
  }

  /** Starts them all; resolves with the URL of the first (the API, unless the role is worker) once all serve. */
  async start(signal: AbortSignal): Promise<string> {
    const urls = Promise.all([...this.#api, ...this.#workers].map((child) => child.start()))
    const [first = ''] = await unlessStopped(urls, signal)
    await until(() => isReady(first), {
      timeoutMs: READY_MS,
      signal,
      failure: `${first}/health/ready did not answer 200 in ${READY_MS / 1000} s`,
    })
    return first
  }

  /** Nothing new is let in first; then the workers finish what they are at. */
  async stop(): Promise<void> {
    await Promise.all(this.#api.map((child) => child.stop()))
    await Promise.all(this.#workers.map((child) => child.stop()))
  }

  /**
   * Under the role worker the first one serves its health on HOST and PORT. All others take a free port, which no
   * firewall can know: for this machine alone.
   */
  #worker(index: number): Child {
    const { role, port, host } = this.options.settings
    const place = role === 'worker' && index === 0 ? { host, port } : { host: LOOPBACK, port: 0 }
    return this.#child(`Worker ${index + 1}`, { role: 'worker', ...place })
  }

  #child(name: string, place: Pick<ChildOptions, 'role' | 'host' | 'port'>): Child {
    const { env, dataFolder, say } = this.options
    const onSpawn = () => {
      this.#note()
    }
    return new Child({ name, ...place, env, dataFolder, say, onSpawn })
  }

  #note(): void {
    const children = [...this.#api, ...this.#workers].flatMap(({ name, pid }) =>
      pid === undefined ? [] : { name, pid },
    )
    this.options.running.update({ children })
  }
}

async function isReady(baseUrl: string): Promise<boolean> {
  try {
    const { ok } = await fetch(`${baseUrl}/health/ready`, { signal: AbortSignal.timeout(5_000) })
    return ok
  } catch {
    return false // not yet
  }
}
