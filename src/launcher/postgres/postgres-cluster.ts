import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { chownSync, existsSync, mkdirSync, renameSync, rmSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { type Account, canReach, runAs } from './account.js'
import { type DataFolder } from '../data-folder/data-folder.js'
import { readPrivately, writePrivately } from '../data-folder/private-file.js'
import { StartError } from '../start-error.js'
import { inSharedFolder } from './shared-folder.js'

/** The name of PostgreSQL's user and of the database; both belong to Rollcall alone. */
export const POSTGRES_USER = 'rollcall'

/** Where in the data folder the data is, unless it had to move. */
const OWN_PLACE = 'postgres'

/** What must be known to find the data again, kept in the data folder. */
export interface ClusterState {
  /** Folder of PostgreSQL's data, relative to the data folder unless it had to move. */
  readonly place: string
  readonly password: string
  /** Set once the data was there: from then on its absence is a loss, not a beginning. */
  readonly created?: boolean
  /** The port of the last start; taken again when it is free. */
  readonly port?: number
  /** Set once segments were made for the write-ahead log, as many as the disk let a start make. */
  readonly hasReservedWal?: boolean
}

/** PostgreSQL's data on disk: where it lies, and making it at the first start. */
export class PostgresCluster {
  readonly #file: string
  #state: ClusterState

  constructor(
    private readonly folder: DataFolder,
    private readonly account: Account | undefined,
    say: (line: string) => void,
  ) {
    this.#file = folder.file('postgres.json')
    this.#state = this.#read() ?? this.#choosePlace(say)
  }

  get state(): ClusterState {
    return this.#state
  }

  /** Absolute path of PostgreSQL's data. */
  get data(): string {
    return resolve(this.folder.path, this.#state.place)
  }

  remember(change: Partial<ClusterState>): void {
    this.#state = { ...this.#state, ...change }
    writePrivately(this.#file, this.#state)
  }

  /** Makes the data with PostgreSQL's own `initdb` unless it is there. One that was cut short begins anew. */
  async create(binaries: string, { durable }: { durable: boolean }): Promise<void> {
    if (existsSync(join(this.data, 'PG_VERSION'))) {
      if (!this.#state.created) this.remember({ created: true })
      return
    }
    if (this.#state.created) throw new StartError(this.#lossMessage())
    const aside = `${this.data}.new`
    this.#makeOwnFolder(aside)
    await this.#initdb(binaries, aside, durable)
    renameSync(aside, this.data)
    this.remember({ created: true })
  }

  #read(): ClusterState | undefined {
    const state = readPrivately(this.#file) as Partial<ClusterState> | null | undefined
    if (state === undefined) {
      this.#requireNoData()
      return undefined
    }
    const { place, password } = Object(state) as Partial<ClusterState>
    if (typeof place === 'string' && typeof password === 'string') return { ...state, place, password }
    throw new StartError(`${this.#file} is damaged: it must have "place" and "password". Put it back.`)
  }

  /** A first start writes down where the data will be before it makes any. */
  #requireNoData(): void {
    const data = this.folder.file(OWN_PLACE)
    if (!existsSync(data)) return
    throw new StartError(
      `${data} holds PostgreSQL's data, but ${this.#file}, which has its password, is gone. Put it back.`,
    )
  }

  #choosePlace(say: (line: string) => void): ClusterState {
    const password = randomBytes(24).toString('hex')
    const { account, folder } = this
    const moves = account !== undefined && !canReach(account, folder.path, 'x')
    const place = moves ? inSharedFolder(`data-${randomBytes(6).toString('hex')}`) : OWN_PLACE
    if (moves) {
      say(`PostgreSQL runs as ${account.name}, who cannot reach ${folder.path}; its data lies in ${place}`)
    }
    const state = { place, password }
    writePrivately(this.#file, state)
    return state
  }

  async #initdb(binaries: string, data: string, durable: boolean): Promise<void> {
    const passwordFile = `${data}.password`
    rmSync(passwordFile, { force: true })
    writePrivately(passwordFile, this.#state.password)
    this.#give(passwordFile)
    try {
      await promisify(execFile)(
        join(binaries, 'bin', 'initdb'),
        [
          ...[
            '-D',
            data,
            '-U',
            POSTGRES_USER,
            '-E',
            'UTF8',
            `--pwfile=${passwordFile}`,
            '--auth=scram-sha-256',
          ],
          // PostgreSQL's own C.UTF-8: sorts the same on every machine, whatever the system has installed.
          ...['--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8', '--no-instructions'],
          ...(durable ? [] : ['--no-sync']),
        ],
        { ...runAs(this.account), cwd: '/', env: { PATH: process.env.PATH, LC_ALL: 'C' } },
      )
    } finally {
      rmSync(passwordFile, { force: true })
    }
  }

  #makeOwnFolder(path: string): void {
    rmSync(path, { recursive: true, force: true })
    mkdirSync(path, { mode: 0o700 })
    this.#give(path)
  }

  #give(path: string): void {
    if (this.account) chownSync(path, this.account.uid, this.account.gid)
  }

  #lossMessage(): string {
    return (
      `PostgreSQL's data of ${this.folder.path} was in ${this.data}, which is gone.\n` +
      `Put it back, or, to begin anew with an empty one, remove ${this.#file}.`
    )
  }
}
