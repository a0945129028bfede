import { type ChildProcess, spawn } from 'node:child_process'
import { EventEmitter, once } from 'node:events'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { StartError } from '../start-error.js'

/** The program of both roles; it lies beside the launcher in dist. */
const PROGRAM = join(__dirname, '..', '..', 'main.js')

/**
 * How glibc gives memory back, unless the user says otherwise. With as many heaps as threads, each of which keeps what
 * it once had, a worker took 284 MB where it took 238 MB with two, when rows still waited as text. Pieces beyond the
 * threshold are given back at once, and cleared by the kernel anew for the next: with 256 kB, which what a chunk is sent
 * in exceeds, a worker's thread took 382 ms for 27,233 changed customers, with 1 MB 368 ms, with 4 MB 349 ms,
 * and then 238 MB instead of 221 MB.
 */
const MALLOC = { MALLOC_ARENA_MAX: '2', MALLOC_MMAP_THRESHOLD_: '1048576' }

/**
 * How V8 collects garbage. Megabytes for young objects: an API makes large buffers, and with little room for what is
 * young they are looked through often; with twenty requests of 10 MB at once it took 181 MB instead of 276, in the same
 * time, when rows still waited as text. In a worker all objects of a chunk are alive at once, and each collection in the
 * middle of it copies them: with 32 instead of 16 (and a growth by 150 %) its helpers took 95 ms instead of 220 for
 * 27,233 changed customers, and the request 0.86 s instead of 0.98 s.
 * Percent that old objects, and the buffers that they hold, may grow by before all are looked through. V8 itself lets
 * the 34 MB of an API grow by 8 MB, so that each request of 10 MB made it go through the whole heap: 0.19 s of CPU for a
 * request, 0.14 s with 100. A worker it lets grow fourfold. With 125 it took 186 MB with fifty requests waiting, with 175
 * up to 202 MB, with 200 up to 219 MB, and then 0.39 s of CPU for 27,233 changed customers instead of 0.42 s with 125, and
 * the request 0.63 s instead of 0.65 s (medians of 20, by turns).
 * V8 also learns which objects live long, and makes them among the old ones from then on. A worker's live until their
 * chunk is sent: whether a collection in the middle of it meets enough of them is chance, and of two identical workers
 * one took 0.40 s of CPU for 27,233 changed customers and another 0.47 s, for good. Without it four of four took 0.36 to
 * 0.40 s, and the request 0.58 s instead of 0.63 s (an AMD EPYC; on a slower Xeon no difference could be told). Node.js
 * 20 to 25 know all three.
 */
const V8 = {
  api: ['--max-semi-space-size=2', '--heap-growing-percent=100'],
  worker: ['--max-semi-space-size=32', '--heap-growing-percent=200', '--no-allocation-site-pretenuring'],
} as const

const STOP_MS = 15_000
const SHORTEST_PAUSE_MS = 250
const LONGEST_PAUSE_MS = 5_000
/** A process that ran this long was well; the next failure is a new one. */
const WELL_AFTER_MS = 30_000
const FIRST_BOOT_ATTEMPTS = 3
/** With these a process says that another attempt cannot help: wrong settings, and its port in use. */
const HOPELESS_EXIT_CODES = [2, 3]

export type ChildRole = 'api' | 'worker'

export interface ChildOptions {
  /** How messages call it. */
  readonly name: string
  readonly role: ChildRole
  readonly host: string
  /** 0 takes a free one, and keeps it over restarts. */
  readonly port: number
  /** Everything but ROLE, HOST and PORT. */
  readonly env: NodeJS.ProcessEnv
  /** Stands on the command line, so that the process is known by it. */
  readonly dataFolder: string
  readonly say: (line: string) => void
  /** Told each time a new process was started. */
  readonly onSpawn: () => void
}

/**
 * One API or worker process, kept alive. It runs in a process group of its own: a Ctrl-C in the terminal reaches
 * the launcher alone, which then stops everything in order. When the launcher dies, the child sees its channel
 * close and ends by itself.
 */
export class Child {
  readonly #stopping = new AbortController()
  readonly #boot = new EventEmitter<{ ready: [string]; failed: [StartError] }>()
  #process: ChildProcess | undefined
  #port: number
  #life: Promise<void> | undefined
  #wasReady = false

  constructor(private readonly options: ChildOptions) {
    this.#port = options.port
  }

  get name(): string {
    return this.options.name
  }

  get pid(): number | undefined {
    return this.#process?.pid
  }

  /** Starts it; resolves with its URL once it serves, rejects when it does not come up. */
  start(): Promise<string> {
    const booted = new Promise<string>((resolve, reject) => {
      this.#boot.once('ready', resolve).once('failed', reject)
    })
    this.#life = this.#live()
    return booted
  }

  /** Asks it to end and waits; it finishes what it is at. */
  async stop(): Promise<void> {
    this.#stopping.abort()
    const patience = setTimeout(() => {
      this.options.say(
        `${this.name} did not end in ${STOP_MS / 1000} s; killing it. Its work continues at the next start.`,
      )
      this.#process?.kill('SIGKILL')
    }, STOP_MS)
    this.#process?.kill('SIGTERM')
    await this.#life
    clearTimeout(patience)
  }

  async #live(): Promise<void> {
    let failures = 0
    while (!this.#isStopping()) {
      const began = Date.now()
      const ending = await this.#runOnce()
      if (this.#isStopping()) return
      failures = Date.now() - began > WELL_AFTER_MS ? 1 : failures + 1
      if (this.#isHopeless(ending, failures)) return
      await this.#pauseAfter(ending, failures)
    }
  }

  /** Resolves with the exit code, or the signal, that ended the process. */
  async #runOnce(): Promise<number | string> {
    const { env, role, host, dataFolder, onSpawn } = this.options
    const child = spawn(process.execPath, [...V8[role], PROGRAM, role, dataFolder], {
      env: { ...MALLOC, ...env, ROLE: role, HOST: host, PORT: String(this.#port) },
      detached: true,
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    })
    this.#process = child
    child.on('message', (message) => {
      this.#hear(message)
    })
    onSpawn()
    try {
      const [code, signal] = (await once(child, 'exit')) as [number | null, string | null]
      return code ?? signal ?? 'unknown'
    } catch (error) {
      return (error as Error).message // it could not even be started
    }
  }

  #hear(message: unknown): void {
    const { type, url } = message as { type?: unknown; url?: unknown }
    if (type !== 'ready' || typeof url !== 'string') return
    this.#port = Number(new URL(url).port) || this.#port
    this.#wasReady = true
    this.#boot.emit('ready', url)
  }

  #isHopeless(ending: number | string, failures: number): boolean {
    if (this.#wasReady) return false
    const hopeless = HOPELESS_EXIT_CODES.some((code) => code === ending) || failures >= FIRST_BOOT_ATTEMPTS
    if (hopeless)
      this.#boot.emit(
        'failed',
        new StartError(`${this.name} could not start (${ending}); it says why above.`),
      )
    return hopeless
  }

  async #pauseAfter(ending: number | string, failures: number): Promise<void> {
    const milliseconds = Math.min(SHORTEST_PAUSE_MS * 2 ** (failures - 1), LONGEST_PAUSE_MS)
    this.options.say(`${this.name} ended unexpectedly (${ending}); starting it again in ${milliseconds} ms`)
    const { signal } = this.#stopping
    await pause(milliseconds, undefined, { signal }).catch(() => undefined) // told to stop meanwhile
  }

  #isStopping(): boolean {
    return this.#stopping.signal.aborted
  }
}
