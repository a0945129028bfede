import { setTimeout as pause } from 'node:timers/promises'
import { type DataSource } from 'typeorm'
import { type Build } from '../stage/build.js'
import { type Phase } from './phase.js'

const PAUSE_MS = 5
/** Of some thousand events each at most. */
const APPENDS = 20

/** An event that was read, by its stream and version, and where in the log it stood. */
export interface ReadEvent {
  readonly name: string
  readonly place: string
}

/** Reads the log as a subscriber would, all through the run: each place once, from a checkpoint. */
export class LogReader {
  /** In the order in which they were read. */
  readonly read: ReadEvent[] = []
  readonly #dataSource: DataSource
  readonly #next: () => Promise<number>
  #isConnected = false

  constructor(
    private readonly build: Build,
    databaseUrl: string,
  ) {
    this.#dataSource = build.createDataSource(databaseUrl, { poolSize: 1, name: 'rollcall faults' })
    const database = new build.Database(this.#dataSource)
    const events = new build.EventStore()
    events.register(build.CUSTOMER_EVENT_TYPES)
    events.register(build.ASYNC_ACTION_EVENT_TYPES)
    let position = build.START_OF_LOG
    this.#next = async () => {
      const found = await database.acrossProjects((session) => events.readLog(session, position, APPENDS))
      const last = found.at(-1)
      if (last !== undefined)
        position = { ...position, transactionId: last.transactionId, appendPosition: last.appendPosition }
      for (const { projectId, streamId, version, transactionId, appendPosition } of found)
        this.read.push({
          name: `${projectId} ${streamId} ${version}`,
          place: `${transactionId} ${appendPosition}`,
        })
      return found.length
    }
  }

  /** Reads until the run is over, and then to the end of the log. */
  async run(phase: Phase): Promise<void> {
    let count = 0
    while (!phase.isOver || count > 0) {
      count = await this.#readOn()
      if (count === 0) await pause(PAUSE_MS)
    }
  }

  async close(): Promise<void> {
    if (this.#isConnected) await this.#dataSource.destroy()
  }

  /** How much was read; a PostgreSQL that is away is asked again from the same place. */
  async #readOn(): Promise<number> {
    try {
      if (!this.#isConnected) await this.#dataSource.initialize()
      this.#isConnected = true
      return await this.#next()
    } catch (error) {
      if (!this.build.isOutage(error)) throw error
      return 1
    }
  }
}
