import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { closeSync, existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { type Account, accountForPostgres, runAs } from './account.js'
import { type DataFolder } from '../data-folder/data-folder.js'
import { type EmbeddedServer } from '../embedded-server.js'
import { freePort } from '../free-port.js'
import { LogFile } from '../data-folder/log-file.js'
import { until } from '../poll.js'
import { StartError } from '../start-error.js'
import { findPostgresBinaries } from './postgres-binaries.js'
import { POSTGRES_USER, PostgresCluster } from './postgres-cluster.js'
import { disownNote } from './postmaster-note.js'
import { askPostgres, ensureDatabase } from './postgres-probe.js'
import { hasRoomForWal, MAX_WAL_MB, MIN_WAL_MB, reserveWal, WAL_RESERVE } from './reserve-wal.js'
import { memoryHere, sharedBuffers } from './shared-buffers.js'
import { hasEnded, isRunning, isTaken, type KnownProcess, signalProcess } from '../data-folder/processes.js'

/** How long a start waits for what an earlier one left behind: recovery, and backends that have not noticed. */
const PATIENCE_MS = 60_000
/** A fast shutdown ends every session and writes a checkpoint. */
const STOP_MS = 30_000

/** So long another server may be what answers on the port, before ours has ended over it. */
const REFUSED_MS = 5_000

/** Told by PostgreSQL's log when it did not come up. The first goes by itself, the second needs another port. */
const OLD_SERVER_REMAINS = /pre-existing shared memory block|lock file "postmaster\.pid" already exists/
const PORT_TAKEN = /could not bind|Address already in use|could not create any TCP\/IP sockets/

export interface PostgresOptions {
  readonly folder: DataFolder
  readonly say: (line: string) => void
  /** Connections it must have room for; 100 at least. */
  readonly connections?: number
  /** False only for tests: what was committed may be lost when the machine stops. */
  readonly durable?: boolean
}

/** PostgreSQL from the npm package, with its data in the data folder, on 127.0.0.1 with a password. */
export class EmbeddedPostgres implements EmbeddedServer {
  readonly name = 'PostgreSQL'
  readonly #account: Account | undefined
  readonly #binaries: string
  readonly #cluster: PostgresCluster
  readonly #log: LogFile
  readonly #durable: boolean
  #process: KnownProcess | undefined
  #port: number | undefined

  constructor(private readonly options: PostgresOptions) {
    this.#durable = options.durable ?? true
    this.#account = accountForPostgres()
    this.#binaries = findPostgresBinaries(this.#account, options.say)
    this.#cluster = new PostgresCluster(options.folder, this.#account, options.say)
    this.#log = new LogFile(options.folder.file('postgres.log'))
  }

  get url(): string {
    if (this.#port === undefined) throw new Error('PostgreSQL was not started')
    return this.#urlOf(this.#port, POSTGRES_USER)
  }

  get pid(): number | undefined {
    return this.#process?.pid
  }

  isRunning(): boolean {
    return this.#process !== undefined && isRunning(this.#process)
  }

  async start(signal?: AbortSignal): Promise<void> {
    await this.#cluster.create(this.#binaries, { durable: this.#durable })
    signal?.throwIfAborted()
    if (!(await this.#takeOver(signal))) await this.#startAnew(signal)
    const port = this.#port
    if (port === undefined) throw new Error('PostgreSQL has no port')
    this.#cluster.remember({ port })
    await ensureDatabase(this.#urlOf(port, 'postgres'), POSTGRES_USER)
    if (this.#keepsWal() && !this.#cluster.state.hasReservedWal) await this.#reserveWal(signal)
  }

  #keepsWal(): boolean {
    return this.#durable && hasRoomForWal(this.#cluster.data)
  }

  /** Once: on a slow disk it would take as long each time, and come no further. Without it PostgreSQL is only slower. */
  async #reserveWal(signal: AbortSignal | undefined): Promise<void> {
    try {
      await reserveWal(this.url, WAL_RESERVE, signal)
      this.#cluster.remember({ hasReservedWal: true })
    } catch (error) {
      signal?.throwIfAborted()
      this.options.say(`PostgreSQL has no segments ready for its write-ahead log: ${String(error)}`)
    }
  }

  async stop(): Promise<void> {
    if (!this.#process) return
    signalProcess(this.#process, 'SIGINT')
    if (await hasEnded(this.#process, STOP_MS)) return
    this.options.say(
      `PostgreSQL did not stop in ${STOP_MS / 1000} s; ending it. It recovers at the next start.`,
    )
    signalProcess(this.#process, 'SIGQUIT')
    await hasEnded(this.#process, STOP_MS)
  }

  /** Finds the server that an earlier start left running and waits until it answers; false when there is none. */
  async #takeOver(signal: AbortSignal | undefined): Promise<boolean> {
    const left = this.#leftBehind()
    if (!left) return false
    const url = this.#urlOf(left.port, 'postgres')
    const answers = async () => {
      if (!isRunning(left)) return 'ended'
      const answer = await askPostgres(url, this.#cluster.data)
      if (answer === 'refused') throw new StartError(this.#strangerMessage(left.pid))
      return answer === 'ready' && 'ready'
    }
    const failure =
      `A PostgreSQL of this data folder (process ${left.pid}) runs but does not answer.\n` +
      `See ${this.#log.path}; end that process and start again.`
    const outcome = await until(answers, { timeoutMs: PATIENCE_MS, everyMs: 100, signal, failure })
    if (outcome === 'ended') return false
    this.#process = left
    this.#port = left.port
    return true
  }

  /** Reads the file in which a running PostgreSQL notes itself. */
  #leftBehind(): (KnownProcess & { port: number }) | undefined {
    const note = join(this.#cluster.data, 'postmaster.pid')
    if (!existsSync(note)) return undefined
    const [pid, , , port] = readFileSync(note, 'utf8').split('\n')
    const left = { pid: Number(pid), port: Number(port), mark: this.#cluster.data }
    if (isRunning(left)) return left
    if (!(left.pid > 0) || isTaken(left.pid)) disownNote(note)
    return undefined
  }

  /** Starts it until it runs: again while old backends are about, with another port when that one was taken. */
  async #startAnew(signal: AbortSignal | undefined): Promise<void> {
    const deadline = Date.now() + PATIENCE_MS
    let port = this.#port ?? this.#cluster.state.port ?? (await freePort())
    while (!(await this.#tryPort(port, signal))) {
      const log = this.#log.sinceOpened()
      const retriable = OLD_SERVER_REMAINS.test(log) || PORT_TAKEN.test(log)
      if (!retriable || Date.now() > deadline) throw new Error(`PostgreSQL did not start:\n${log}`)
      // Once others know the port it stays; whoever has it now is waited for.
      if (this.#port === undefined && PORT_TAKEN.test(log)) port = await freePort()
      await pause(200)
    }
    this.#port = port
  }

  /** True when it answers on that port, false when it ended instead. */
  async #tryPort(port: number, signal: AbortSignal | undefined): Promise<boolean> {
    const child = this.#spawn(port)
    const url = this.#urlOf(port, 'postgres')
    let refusedSince = Infinity
    const outcome = async () => {
      if (hasExited(child)) return 'ended'
      const answer = await askPostgres(url, this.#cluster.data)
      refusedSince = answer === 'refused' ? Math.min(refusedSince, Date.now()) : Infinity
      if (Date.now() - refusedSince > REFUSED_MS) throw new StartError(this.#strangerMessage(child.pid))
      return answer === 'ready' && 'ready'
    }
    const failure = `PostgreSQL did not answer in ${PATIENCE_MS / 1000} s; see ${this.#log.path}`
    return (await until(outcome, { timeoutMs: PATIENCE_MS, everyMs: 20, signal, failure })) === 'ready'
  }

  #spawn(port: number): ChildProcess {
    const { data } = this.#cluster
    const log = this.#log.open()
    const settings = Object.entries(this.#settings(port)).flatMap(([name, value]) => [
      '-c',
      `${name}=${value}`,
    ])
    const child = spawn(join(this.#binaries, 'bin', 'postgres'), ['-D', data, ...settings], {
      ...runAs(this.#account),
      cwd: '/',
      env: { PATH: process.env.PATH, LC_ALL: 'C', DATA_DIR: this.options.folder.given },
      detached: true,
      stdio: ['ignore', log, log],
    })
    closeSync(log)
    child.unref()
    child.once('error', (error) => {
      this.options.say(`PostgreSQL could not be started: ${error.message}`)
    })
    // Known from here on, so that a stop in the middle of a start finds it.
    if (child.pid !== undefined) this.#process = { pid: child.pid, mark: data }
    return child
  }

  #settings(port: number): Record<string, string | number> {
    return {
      listen_addresses: '127.0.0.1',
      port,
      unix_socket_directories: '',
      password_encryption: 'scram-sha-256',
      max_connections: Math.max(100, this.options.connections ?? 0),
      shared_buffers: `${sharedBuffers(memoryHere())}MB`,
      max_wal_size: `${MAX_WAL_MB}MB`,
      checkpoint_timeout: '15min',
      log_timezone: 'UTC',
      // Details of an error quote keys, and a key may be a person's.
      log_error_verbosity: 'terse',
      ...(this.#canCompressWal() ? { wal_compression: 'lz4' } : {}),
      ...(this.#keepsWal() ? { min_wal_size: `${MIN_WAL_MB}MB` } : {}),
      ...(this.#durable ? {} : { fsync: 'off', full_page_writes: 'off' }),
    }
  }

  /** Whether this build of PostgreSQL knows LZ4; it is asked, because builds differ by platform. */
  #canCompressWal(): boolean {
    const ask = ['-D', this.#cluster.data, '-c', 'wal_compression=lz4', '-C', 'wal_compression']
    const options = { ...runAs(this.#account), cwd: '/', env: { LC_ALL: 'C' } }
    return spawnSync(join(this.#binaries, 'bin', 'postgres'), ask, options).status === 0
  }

  #strangerMessage(pid = 0): string {
    return (
      `A PostgreSQL runs on ${this.#cluster.data} (process ${pid}) with another password than the one kept in ` +
      `${this.options.folder.path}.\nEnd it, put the right postgres.json back, and start again.`
    )
  }

  #urlOf(port: number, database: string): string {
    return `postgres://${POSTGRES_USER}:${this.#cluster.state.password}@127.0.0.1:${port}/${database}`
  }
}

function hasExited(child: ChildProcess): boolean {
  return child.pid === undefined || child.exitCode !== null || child.signalCode !== null
}
