import { Client } from 'pg'
import { type Customer, makePresentCustomer } from '../payloads.js'

export const LIMITS = ['bare', 'full'] as const
export type LimitName = (typeof LIMITS)[number]

/** Bytes of the body that one statement takes; measured: half of it is slower, twice as much gains nothing. */
export const BATCH_BYTES = 300_000
const CONNECTIONS = 2
/** Plans made for the occasion: what was right for the empty tables would be kept otherwise. */
const SESSION = '-c plan_cache_mode=force_custom_plan -c jit=off'
const PRESENT_PER_BATCH = 2_000

/** What a run of a limit left in its tables. */
export interface LimitCounts {
  readonly customers: number
  readonly events: number
  readonly outcomes: string
}

/** What distinguishes one limit from another in SQL. */
export interface LimitTables {
  readonly create: string
  /** Takes a batch as one JSON parameter. */
  readonly writeBatch: string
  /** The tables of the log, first events, each with what numbers its rows. */
  readonly log: { readonly events: string; readonly appends?: string }
  /** How an event `e` names its customer. */
  readonly ofCustomer: string
  readonly emptied: string
}

/**
 * The least that the job takes on this machine, from the body in memory to the last commit, with nothing between
 * Node.js and PostgreSQL but the driver. Its tables are in a schema of their own.
 */
export abstract class Limit {
  protected clients: readonly Client[] = []
  #present = 0
  #lastKept = 0
  readonly #schema: string

  protected constructor(
    name: LimitName,
    private readonly tables: LimitTables,
  ) {
    this.#schema = `${name}_limit`
  }

  async connect(databaseUrl: string): Promise<void> {
    const options = `${SESSION} -c search_path=${this.#schema}`
    this.clients = Array.from(
      { length: CONNECTIONS },
      () => new Client({ connectionString: databaseUrl, options }),
    )
    await Promise.all(this.clients.map((client) => client.connect()))
    await this.client.query(`CREATE SCHEMA ${this.#schema}`)
    await this.client.query(this.tables.create)
  }

  async empty(): Promise<void> {
    await this.client.query(`TRUNCATE ${this.#lasting}, ${this.tables.emptied}`)
    this.#present = this.#lastKept = 0
  }

  /** Puts customers there who stay when the rest is removed. */
  async fill(customers: number): Promise<void> {
    await this.empty()
    await this.everyClient(async (client) => {
      while (this.#present < customers) {
        const first = this.#present
        this.#present = Math.min(first + PRESENT_PER_BATCH, customers)
        await this.writeBatch(
          client,
          Array.from({ length: this.#present - first }, (_, index) => makePresentCustomer(first + index)),
        )
      }
    })
    // Or numbers that a connection holds from before would not come after those that stay.
    await this.everyClient((client) => client.query('DISCARD SEQUENCES'))
    const { rows } = await this.client.query<{ last: string | null }>(
      `SELECT max(${this.tables.log.events}) AS last FROM events`,
    )
    this.#lastKept = Number(rows[0]?.last ?? 0)
    await this.#vacuum()
  }

  /** Removes what came after the customers who stay. */
  async clear(): Promise<void> {
    if (this.#present === 0) return this.empty()
    const { log, ofCustomer, emptied } = this.tables
    const isLater = (position: string): string => `${position} > ${this.#lastKept}`
    await this.client.query(
      `DELETE FROM customers USING events e WHERE e.${isLater(log.events)} AND ${ofCustomer}`,
    )
    for (const [table, position] of Object.entries(log)) {
      await this.client.query(`DELETE FROM ${table} WHERE ${isLater(position)}`)
    }
    await this.client.query(`TRUNCATE ${emptied}`)
    await this.#vacuum()
  }

  /** Seconds from the body in memory to the last commit. */
  async run(body: Buffer): Promise<number> {
    await this.client.query(`TRUNCATE ${this.tables.emptied}`)
    return seconds(() => this.write(body))
  }

  /** Of what is there beside the customers who stay. */
  async count(): Promise<LimitCounts> {
    const { rows } = await this.client.query<LimitCounts>(
      `SELECT (SELECT count(*)::int FROM customers) - $1::int AS customers,
         (SELECT count(*)::int FROM events) - $1::int AS events,
         (SELECT coalesce(string_agg(outcomes, ''), '') FROM results) AS outcomes`,
      [this.#present],
    )
    return rows[0] ?? { customers: 0, events: 0, outcomes: '' }
  }

  protected abstract write(body: Buffer): Promise<void>

  protected async everyClient(work: (client: Client) => Promise<unknown>): Promise<void> {
    await Promise.all(this.clients.map(work))
  }

  protected async writeBatch(client: Client, batch: readonly Customer[]): Promise<void> {
    const values = [JSON.stringify(batch), ...this.parametersOf(batch)]
    await client.query({ ...this.statementFor(batch), values })
  }

  protected statementFor(_batch: readonly Customer[]): { name: string; text: string } {
    return { name: 'write-batch', text: this.tables.writeBatch }
  }

  /** What the statement takes beside the batch. */
  protected parametersOf(_batch: readonly Customer[]): readonly unknown[] {
    return []
  }

  /** The tables that keep what is present, by their names. */
  get #lasting(): string {
    return ['customers', ...Object.keys(this.tables.log)].join(', ')
  }

  async #vacuum(): Promise<void> {
    await this.client.query(`VACUUM (ANALYZE) ${this.#lasting}`)
  }

  protected get client(): Client {
    const [client] = this.clients
    if (client === undefined) throw new Error('The yardstick is not connected')
    return client
  }
}

export async function seconds(work: () => Promise<void>): Promise<number> {
  const begin = performance.now()
  await work()
  return (performance.now() - begin) / 1000
}
