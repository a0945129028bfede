import { Client } from 'pg'
import { copyRows, toCopyText } from './copy.js'
import { type Customer, type Payload, type Phase } from '../payloads.js'

const CONNECTIONS = 2
/** Bytes of the body that one statement takes; measured: half of it is slower, twice as much gains nothing. */
const BATCH_BYTES = 300_000
/** Plans made for the occasion: what was right for the empty tables would be kept otherwise. */
const SESSION = '-c plan_cache_mode=force_custom_plan -c jit=off'

const TABLES = `
  CREATE TABLE customers (
    source_id text COLLATE "C" PRIMARY KEY,
    version integer NOT NULL,
    name text, email text, phone text, description text, birthdate date, address json, metadata json
  ) WITH (fillfactor = 50);
  CREATE TABLE events (
    position bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    source_id text COLLATE "C" NOT NULL,
    type text NOT NULL,
    data json NOT NULL,
    occurred_at timestamptz NOT NULL DEFAULT now()
  );
  CREATE TABLE results (
    batch bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    outcomes text NOT NULL,
    source_ids json NOT NULL
  );
  CREATE TABLE copied (source_id text COLLATE "C" PRIMARY KEY, version integer NOT NULL, document json NOT NULL)`

/**
 * A batch, the whole of it in one statement and one commit: customers inserted or, where something is different,
 * updated; an event for each that was; and what became of each row (u upserted, c changed, n nothing to change).
 * The batch is one JSON parameter into typed columns, as one would write it by hand. Binary arrays into a single
 * JSON column took 0.26–0.28 s where this took 0.31 s.
 */
const WRITE_BATCH = `
  WITH input AS MATERIALIZED (
    SELECT row, item, customer.* FROM json_array_elements($1::json) WITH ORDINALITY AS element (item, row)
    CROSS JOIN LATERAL json_to_record(item) AS customer (source_id text, name text, email text, phone text,
      description text, birthdate date, address json, metadata json)
  ), written AS (
    INSERT INTO customers AS known
      (source_id, version, name, email, phone, description, birthdate, address, metadata)
    SELECT source_id, 1, name, email, phone, description, birthdate, address, metadata FROM input
    ON CONFLICT (source_id) DO UPDATE SET version = known.version + 1, name = excluded.name,
      email = excluded.email, phone = excluded.phone, description = excluded.description,
      birthdate = excluded.birthdate, address = excluded.address, metadata = excluded.metadata
    WHERE (known.name, known.email, known.phone, known.description, known.birthdate, known.address::text,
        known.metadata::text)
      IS DISTINCT FROM (excluded.name, excluded.email, excluded.phone, excluded.description,
        excluded.birthdate, excluded.address::text, excluded.metadata::text)
    RETURNING source_id, version
  ), appended AS (
    INSERT INTO events (source_id, type, data)
    SELECT source_id, CASE version WHEN 1 THEN 'upserted' ELSE 'updated' END, item
    FROM written JOIN input USING (source_id)
  )
  INSERT INTO results (outcomes, source_ids)
  SELECT string_agg(CASE WHEN version IS NULL THEN 'n' WHEN version = 1 THEN 'u' ELSE 'c' END, '' ORDER BY row),
    json_agg(source_id ORDER BY row)
  FROM input LEFT JOIN written USING (source_id)`

const COUNT = `
  SELECT (SELECT count(*)::int FROM customers) AS customers, (SELECT count(*)::int FROM events) AS events,
    (SELECT coalesce(string_agg(outcomes, ''), '') FROM results) AS outcomes`

/** What a run of the yardstick left in its tables. */
export interface YardstickCounts {
  readonly customers: number
  readonly events: number
  readonly outcomes: string
}

/**
 * The least that the job takes on this machine: parse the body, write customers, events and results, with nothing
 * between Node.js and PostgreSQL but the driver. What Rollcall needs longer is the price of all else it does.
 */
export class Yardstick {
  #clients: Client[] = []

  async connect(databaseUrl: string): Promise<void> {
    this.#clients = Array.from(
      { length: CONNECTIONS },
      () => new Client({ connectionString: databaseUrl, options: SESSION }),
    )
    await Promise.all(this.#clients.map((client) => client.connect()))
    await this.#client.query(TABLES)
  }

  async empty(): Promise<void> {
    await this.#client.query('TRUNCATE customers, events, results, copied')
  }

  /** Seconds from the body in memory to the last commit. */
  async run({ bodies }: Payload, phase: Phase): Promise<number> {
    await this.#client.query('TRUNCATE results')
    return seconds(() => this.#write(bodies[phase]))
  }

  /** Seconds of a COPY of the same rows into a table of their own; writing them down as text is not counted. */
  async copy({ bodies }: Payload): Promise<number> {
    const text = toCopyText(JSON.parse(bodies.new.toString()) as Customer[])
    return seconds(() => copyRows(this.#client, 'COPY copied FROM STDIN', text))
  }

  async count(): Promise<YardstickCounts> {
    const { rows } = await this.#client.query<YardstickCounts>(COUNT)
    return rows[0] ?? { customers: 0, events: 0, outcomes: '' }
  }

  /** Each connection takes the next batch as soon as it is free. */
  async #write(body: Buffer): Promise<void> {
    const customers = JSON.parse(body.toString()) as Customer[]
    const size = Math.max(1, Math.round((customers.length * BATCH_BYTES) / body.length))
    let next = 0
    const writeBatches = async (client: Client): Promise<void> => {
      while (next < customers.length) await writeBatch(client, customers.slice(next, (next += size)))
    }
    await Promise.all(this.#clients.map(writeBatches))
  }

  get #client(): Client {
    const [client] = this.#clients
    if (client === undefined) throw new Error('The yardstick is not connected')
    return client
  }
}

async function writeBatch(client: Client, batch: readonly Customer[]): Promise<void> {
  await client.query({ name: 'write-batch', text: WRITE_BATCH, values: [JSON.stringify(batch)] })
}

async function seconds(work: () => Promise<void>): Promise<number> {
  const begin = performance.now()
  await work()
  return (performance.now() - begin) / 1000
}
