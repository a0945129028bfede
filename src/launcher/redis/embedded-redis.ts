import { type ChildProcess, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { closeSync } from 'node:fs'
import { type DataFolder } from '../data-folder/data-folder.js'
import { type EmbeddedServer } from '../embedded-server.js'
import { freePort } from '../free-port.js'
import { LogFile } from '../data-folder/log-file.js'
import { until } from '../poll.js'
import { readPrivately, writePrivately } from '../data-folder/private-file.js'
import { hasEnded, isRunning, type KnownProcess, signalProcess } from '../data-folder/processes.js'
import { libraryEnvironment, type RedisBinary } from './redis-binary.js'
import { redisAnswers } from './redis-probe.js'

const START_MS = 10_000
const STOP_MS = 5_000
const PORTS_TO_TRY = 5

interface RedisState {
  readonly pid: number
  readonly port: number
  readonly password: string
}

export interface RedisOptions {
  readonly binary: RedisBinary
  readonly folder: DataFolder
  readonly say: (line: string) => void
}

/** Redis on 127.0.0.1 with a password. It keeps nothing on disk: it rings doorbells, PostgreSQL holds the truth. */
export class EmbeddedRedis implements EmbeddedServer {
  readonly name = 'Redis'
  readonly #configFile: string
  readonly #stateFile: string
  readonly #log: LogFile
  #process: KnownProcess | undefined
  #port: number | undefined
  #password: string

  constructor(private readonly options: RedisOptions) {
    this.#configFile = options.folder.file('redis.conf')
    this.#stateFile = options.folder.file('redis.json')
    this.#log = new LogFile(options.folder.file('redis.log'))
    this.#password = randomBytes(24).toString('hex')
  }

  get url(): string {
    if (this.#port === undefined) throw new Error('Redis was not started')
    return this.#urlOf(this.#port)
  }

  get pid(): number | undefined {
    return this.#process?.pid
  }

  isRunning(): boolean {
    return this.#process !== undefined && isRunning(this.#process)
  }

  async start(signal?: AbortSignal): Promise<void> {
    if (this.#port === undefined && (await this.#takeOver())) return
    for (let attempt = 1; ; attempt++) {
      const port = this.#port ?? (await freePort())
      if (await this.#tryPort(port, signal)) return
      if (this.#port !== undefined || attempt === PORTS_TO_TRY) {
        throw new Error(`Redis did not start: ${this.#log.sinceOpened().split('\n').at(-1) ?? ''}`)
      }
    }
  }

  async stop(): Promise<void> {
    if (!this.#process) return
    signalProcess(this.#process, 'SIGTERM')
    if (await hasEnded(this.#process, STOP_MS)) return
    signalProcess(this.#process, 'SIGKILL') // it has nothing to lose
    await hasEnded(this.#process, STOP_MS)
  }

  /** Uses the server that an earlier start left running; one that does not answer is ended. */
  async #takeOver(): Promise<boolean> {
    const state = readPrivately(this.#stateFile) as RedisState | undefined
    if (!state) return false
    const left = { pid: state.pid, mark: this.#configFile }
    if (!isRunning(left)) return false
    this.#process = left
    this.#password = state.password
    if (await redisAnswers(state.port, state.password)) {
      this.#port = state.port
      return true
    }
    await this.stop()
    return false
  }

  /** True when it answers on that port, false when it ended instead. */
  async #tryPort(port: number, signal: AbortSignal | undefined): Promise<boolean> {
    writePrivately(this.#configFile, this.#config(port))
    const child = this.#spawn(port)
    const outcome = async () => {
      if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return 'ended'
      return (await redisAnswers(port, this.#password)) && 'ready'
    }
    const failure = `Redis did not answer in ${START_MS / 1000} s; see ${this.#log.path}`
    if ((await until(outcome, { timeoutMs: START_MS, everyMs: 20, signal, failure })) === 'ended')
      return false
    this.#port = port
    return true
  }

  #spawn(port: number): ChildProcess {
    const { binary, folder, say } = this.options
    const log = this.#log.open()
    const child = spawn(binary.command, [this.#configFile], {
      cwd: folder.path,
      env: {
        PATH: process.env.PATH,
        LC_ALL: 'C',
        DATA_DIR: folder.given,
        ...libraryEnvironment(binary.libraryPath),
      },
      detached: true,
      stdio: ['ignore', log, log],
    })
    closeSync(log)
    child.unref()
    child.once('error', (error) => {
      say(`Redis could not be started: ${error.message}`)
    })
    if (child.pid !== undefined) {
      this.#process = { pid: child.pid, mark: this.#configFile }
      writePrivately(this.#stateFile, { pid: child.pid, port, password: this.#password } satisfies RedisState)
    }
    return child
  }

  #config(port: number): string {
    const lines = [
      'bind 127.0.0.1',
      `port ${port}`,
      `requirepass ${this.#password}`,
      'daemonize no',
      'save ""',
      'appendonly no',
      // Bull's keys must never be evicted to make room.
      'maxmemory-policy noeviction',
      // A process title would overwrite the environment that operators find it by.
      'set-proc-title no',
    ]
    return `${lines.join('\n')}\n`
  }

  #urlOf(port: number): string {
    return `redis://:${this.#password}@127.0.0.1:${port}`
  }
}
