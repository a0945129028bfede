import { type Customer } from '../payloads.js'
import { BATCH_BYTES, Limit, type LimitTables } from './limit.js'

/**
 * Each connection takes numbers for a thousand rows at a time: taken one by one, new lean customers took it 7 to 13 % longer
 * and minimal ones 5 to 10 %, and both of them more than four times the COPY on an Intel Xeon.
 */
const CREATE = `
  CREATE TABLE customers (
    source_id text COLLATE "C" PRIMARY KEY,
    version integer NOT NULL,
    name text, email text, phone text, description text, birthdate date, address json, metadata json
  );
  CREATE TABLE events (
    position bigint GENERATED ALWAYS AS IDENTITY (CACHE 1000) PRIMARY KEY,
    source_id text COLLATE "C" NOT NULL,
    type text NOT NULL,
    data json NOT NULL,
    occurred_at timestamptz NOT NULL DEFAULT now()
  );
  CREATE TABLE results (
    row bigint GENERATED ALWAYS AS IDENTITY (CACHE 1000) PRIMARY KEY,
    source_ids text COLLATE "C" NOT NULL,
    outcomes text NOT NULL
  )`

const INPUT = `
  WITH input AS MATERIALIZED (
    SELECT row, item, customer.* FROM json_array_elements($1::json) WITH ORDINALITY AS element (item, row)
    CROSS JOIN LATERAL json_to_record(item) AS customer (source_id text, name text, email text, phone text,
      description text, birthdate date, address json, metadata json)
  )`

const VALUES = ['name', 'email', 'phone', 'description', 'birthdate', 'address::text', 'metadata::text']
const valuesOf = (row: 'known' | 'given' | 'excluded'): string =>
  `(${VALUES.map((value) => `${row}.${value}`).join(', ')})`

/**
 * A batch, the whole of it in one statement and one commit: customers inserted or, where something is different,
 * updated; an event for each that was; and a result for each row (u upserted, c changed, n nothing to change), in a
 * column that is named `outcomes` as in the full limit, whose check it shares.
 * It is what one would write by hand: one JSON parameter into typed columns, tables as PostgreSQL makes them. Tuned as
 * our own tables are it would be faster: results packed by batch and half of each page left free took 0.30 s where this
 * takes 0.32 s (new), and 0.26 s where it takes 0.32 s (changed); binary arrays into a single JSON column took
 * 0.26–0.28 s where JSON took 0.31 s.
 */
const UPSERT = `${INPUT}, written AS (
    INSERT INTO customers AS known
      (source_id, version, name, email, phone, description, birthdate, address, metadata)
    SELECT source_id, 1, name, email, phone, description, birthdate, address, metadata FROM input
    ON CONFLICT (source_id) DO UPDATE SET version = known.version + 1, name = excluded.name,
      email = excluded.email, phone = excluded.phone, description = excluded.description,
      birthdate = excluded.birthdate, address = excluded.address, metadata = excluded.metadata
    WHERE ${valuesOf('known')} IS DISTINCT FROM ${valuesOf('excluded')}
    RETURNING source_id, version
  ), appended AS (
    INSERT INTO events (source_id, type, data)
    SELECT source_id, CASE version WHEN 1 THEN 'upserted' ELSE 'updated' END, item
    FROM written JOIN input USING (source_id)
  )`

/**
 * The same for lean and minimal customers, of which {@link UPSERT} took more than the four COPYs it may (4.35 and 4.32 on
 * an Intel Xeon, medians of five). A new row is not inserted on trial and then confirmed, one that stays as it is is not
 * locked, and the event needs no join: 3.82 and 3.80 COPYs, lean customers in 0.77 s instead of 0.88 s (new) and 0.88 s
 * instead of 0.94 s (changed), minimal ones in 1.89 s instead of 2.15 s and, with nothing to change, in 1.11 s instead of
 * 1.19 s.
 * Typical ones, of which UPSERT takes 3.3 to 3.7 COPYs, stay with the statement that everybody uses, and that does not fail
 * where somebody else creates the same customer at the same time. By this one they took as long in that run (0.37 and
 * 0.41 s instead of 0.37 and 0.40 s); in another, of three rounds, PostgreSQL took 0.44 s of CPU for new ones, for which
 * it took 0.50 s by UPSERT in one of another hour, and they write 4 % less log: docs/performance.md has the ratios.
 */
const MERGE = `${INPUT}, written AS (
    MERGE INTO customers AS known USING input AS given ON known.source_id = given.source_id
    WHEN MATCHED AND ${valuesOf('known')} IS DISTINCT FROM ${valuesOf('given')}
    THEN UPDATE SET version = known.version + 1, name = given.name,
      email = given.email, phone = given.phone, description = given.description,
      birthdate = given.birthdate, address = given.address, metadata = given.metadata
    WHEN NOT MATCHED THEN INSERT
      (source_id, version, name, email, phone, description, birthdate, address, metadata)
    VALUES (given.source_id, 1, given.name, given.email, given.phone, given.description, given.birthdate,
      given.address, given.metadata)
    RETURNING known.source_id, known.version, given.item
  ), appended AS (
    INSERT INTO events (source_id, type, data)
    SELECT source_id, CASE version WHEN 1 THEN 'upserted' ELSE 'updated' END, item FROM written
  )`

const OUTCOME = `CASE WHEN version IS NULL THEN 'n' WHEN version = 1 THEN 'u' ELSE 'c' END`

const RESULT_OF_EACH = `
  INSERT INTO results (outcomes, source_ids)
  SELECT ${OUTCOME}, source_id FROM input LEFT JOIN written USING (source_id) ORDER BY row`

/**
 * One for the batch: with one for each, minimal customers took 4.0 COPYs instead of 3.7 (new), and 1.82 s instead of 1.32 s
 * with nothing to change.
 */
const RESULT_OF_ALL = `
  INSERT INTO results (outcomes, source_ids)
  SELECT string_agg(${OUTCOME}, '' ORDER BY row), json_agg(source_id ORDER BY row)
  FROM input LEFT JOIN written USING (source_id)`

const WRITE_LEAN = { name: 'write-lean', text: MERGE + RESULT_OF_EACH }
const WRITE_MINIMAL = { name: 'write-minimal', text: MERGE + RESULT_OF_ALL }

const TABLES: LimitTables = {
  create: CREATE,
  writeBatch: UPSERT + RESULT_OF_EACH,
  log: { events: 'position' },
  ofCustomer: 'e.source_id = customers.source_id',
  emptied: 'results',
}

/** What tells lean customers from typical ones, who have eight. */
const LEAN_PROPERTIES = 3

/**
 * Parses the body, writes customers, events and results. What Rollcall needs longer is the price of all else it does.
 */
export class BareLimit extends Limit {
  constructor() {
    super('bare', TABLES)
  }

  protected override statementFor(batch: readonly Customer[]): { name: string; text: string } {
    const properties = Object.keys(batch[0] ?? {}).length
    if (properties === 1) return WRITE_MINIMAL
    return properties <= LEAN_PROPERTIES ? WRITE_LEAN : super.statementFor(batch)
  }

  /** Each connection takes the next batch as soon as it is free. */
  protected async write(body: Buffer): Promise<void> {
    const customers = JSON.parse(body.toString()) as Customer[]
    const size = Math.max(1, Math.round((customers.length * BATCH_BYTES) / body.length))
    let next = 0
    await this.everyClient(async (client) => {
      while (next < customers.length) await this.writeBatch(client, customers.slice(next, (next += size)))
    })
  }
}
