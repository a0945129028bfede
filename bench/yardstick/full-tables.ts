import { type LimitTables } from './limit.js'

/** The columns and indexes of Rollcall's own tables; the payload is packed as there. */
const CREATE = `
  CREATE TABLE customers (
    project_id uuid NOT NULL,
    id text COLLATE "C" NOT NULL,
    source_id text COLLATE "C",
    version integer NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz,
    name text, email text, phone text, description text, birthdate date, address json, metadata json,
    PRIMARY KEY (project_id, id)
  ) WITH (fillfactor = 50);
  CREATE UNIQUE INDEX ON customers (project_id, source_id);
  CREATE TABLE events (
    project_id uuid NOT NULL,
    stream_id text COLLATE "C" NOT NULL,
    version integer NOT NULL,
    type text COLLATE "C" NOT NULL,
    schema_version smallint NOT NULL,
    data text NOT NULL,
    occurred_at timestamptz NOT NULL,
    append_position bigint NOT NULL,
    PRIMARY KEY (project_id, stream_id, version)
  );
  CREATE TABLE appends (
    project_id uuid NOT NULL,
    position bigint GENERATED ALWAYS AS IDENTITY (CACHE 1),
    transaction_id xid8 NOT NULL DEFAULT pg_current_xact_id(),
    correlation_id text COLLATE "C",
    causation_id text COLLATE "C",
    stream_ids text[] COLLATE "C" NOT NULL,
    versions int4[] NOT NULL,
    keys int4[],
    changes_from timestamptz,
    changes_till timestamptz,
    PRIMARY KEY (project_id, position)
  );
  ALTER TABLE appends ALTER COLUMN stream_ids SET STORAGE EXTERNAL, ALTER COLUMN keys SET STORAGE EXTERNAL;
  CREATE INDEX ON appends (transaction_id, position);
  CREATE INDEX ON appends (project_id, changes_from) WHERE changes_from IS NOT NULL;
  CREATE INDEX ON appends (project_id, changes_till, changes_from) WHERE changes_till IS NOT NULL;
  CREATE INDEX ON appends USING gin (keys) WITH (gin_pending_list_limit = 16384) WHERE keys IS NOT NULL;
  CREATE TABLE results (
    batch bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    outcomes text NOT NULL,
    source_ids json NOT NULL
  );
  CREATE TABLE payloads (chunk integer PRIMARY KEY, packed bytea NOT NULL);
  ALTER TABLE payloads ALTER COLUMN packed SET STORAGE EXTERNAL`

/**
 * As the bare one for typical customers, and so for all kinds; $2 is the project, $3 the number of the batch's first id,
 * $4 and $5 what caused the events. The keys are numbers of 32 bits made of the same three values as Rollcall's.
 */
const WRITE_BATCH = `
  WITH input AS MATERIALIZED (
    SELECT row, item, customer.* FROM json_array_elements($1::json) WITH ORDINALITY AS element (item, row)
    CROSS JOIN LATERAL json_to_record(item) AS customer (source_id text, name text, email text, phone text,
      description text, birthdate date, address json, metadata json)
  ), written AS (
    INSERT INTO customers AS known (project_id, id, source_id, version, created_at, name, email, phone, description,
      birthdate, address, metadata)
    SELECT $2::uuid, 'cust_' || lpad(to_hex($3::bigint + row), 24, '0'), source_id, 1, now(), name, email, phone,
      description, birthdate, address, metadata FROM input
    ON CONFLICT (project_id, source_id) DO UPDATE SET version = known.version + 1, updated_at = now(),
      name = excluded.name, email = excluded.email, phone = excluded.phone, description = excluded.description,
      birthdate = excluded.birthdate, address = excluded.address, metadata = excluded.metadata
    WHERE (known.name, known.email, known.phone, known.description, known.birthdate, known.address::text,
        known.metadata::text)
      IS DISTINCT FROM (excluded.name, excluded.email, excluded.phone, excluded.description,
        excluded.birthdate, excluded.address::text, excluded.metadata::text)
    RETURNING id, source_id, version
  ), changed AS MATERIALIZED (
    SELECT id, version, item, ARRAY[coalesce(hashtext(email), 0), coalesce(hashtext(name), 0),
        coalesce(hashtext(address ->> 'city'), 0)] AS keys
    FROM written JOIN input USING (source_id)
  ), append AS (
    INSERT INTO appends (project_id, correlation_id, causation_id, stream_ids, versions, keys, changes_from, changes_till)
    SELECT $2::uuid, $4, $5, array_agg(id), array_agg(version), ARRAY(SELECT unnest(keys) FROM changed),
      min(now()) FILTER (WHERE version > 1), max(now()) FILTER (WHERE version > 1)
    FROM changed HAVING count(*) > 0 RETURNING position
  ), appended AS (
    INSERT INTO events (project_id, stream_id, version, type, schema_version, data, occurred_at, append_position)
    SELECT $2::uuid, id, version, CASE version WHEN 1 THEN 'CustomerUpserted' ELSE 'CustomerUpdated' END, 1, item,
      now(), (SELECT position FROM append)
    FROM changed
  )
  INSERT INTO results (outcomes, source_ids)
  SELECT string_agg(CASE WHEN version IS NULL THEN 'n' WHEN version = 1 THEN 'u' ELSE 'c' END, '' ORDER BY row),
    json_agg(source_id ORDER BY row)
  FROM input LEFT JOIN written USING (source_id)`

export const FULL_TABLES: LimitTables = {
  create: CREATE,
  writeBatch: WRITE_BATCH,
  log: { events: 'append_position', appends: 'position' },
  ofCustomer: 'customers.project_id = e.project_id AND customers.id = e.stream_id',
  emptied: 'results, payloads',
}
