import { Client } from 'pg'
import { type Customer, type Payload, type Phase } from '../payloads.js'
import { BareLimit } from './bare-limit.js'
import { copyRows, toCopyText } from './copy.js'
import { FullLimit } from './full-limit.js'
import { type LimitCounts, type LimitName, LIMITS, seconds } from './limit.js'

const COPIED =
  'CREATE TABLE copied (source_id text COLLATE "C" PRIMARY KEY, version integer NOT NULL, document json NOT NULL)'

/** What Rollcall is measured by: two limits and a COPY, all in one database. */
export class Yardstick {
  readonly #limits = { bare: new BareLimit(), full: new FullLimit() }
  #client: Client | undefined

  async connect(databaseUrl: string): Promise<void> {
    this.#client = new Client({ connectionString: databaseUrl })
    await this.#client.connect()
    await this.#client.query(COPIED)
    for (const name of LIMITS) await this.#limits[name].connect(databaseUrl)
  }

  /** Nobody but so many customers are there from now on. */
  async fill(customers: number): Promise<void> {
    for (const name of LIMITS) await this.#limits[name].fill(customers)
  }

  /** Removes what came after them. */
  async clear(): Promise<void> {
    for (const name of LIMITS) await this.#limits[name].clear()
    await this.#client?.query('TRUNCATE copied')
  }

  /** Seconds from the body in memory to the last commit. */
  run(limit: LimitName, { bodies }: Payload, phase: Phase): Promise<number> {
    return this.#limits[limit].run(bodies[phase])
  }

  /** Seconds of a COPY of the same rows into a table of their own; writing them down as text is not counted. */
  async copy({ bodies }: Payload): Promise<number> {
    const client = this.#client
    if (client === undefined) throw new Error('The yardstick is not connected')
    const text = toCopyText(JSON.parse(bodies.new.toString()) as Customer[])
    return seconds(() => copyRows(client, 'COPY copied FROM STDIN', text))
  }

  count(limit: LimitName): Promise<LimitCounts> {
    return this.#limits[limit].count()
  }
}
