import { randomBytes } from 'node:crypto'
import { type MigrationInterface, type QueryRunner } from 'typeorm'

/**
 * The first schema. What a project owns has `project_id` as the first column of its key, so that the tables
 * can be distributed by it. Text keys are compared byte by byte (`COLLATE "C"`): exact, and fast in indexes.
 */
export class CreateTables1764000000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const statement of [...MACHINERY, ...EVENT_LOG, ...CUSTOMERS, ...ASYNC_ACTIONS]) {
      await runner.query(statement)
    }
    await runner.query('INSERT INTO installation (report_signing_key) VALUES ($1)', [randomBytes(32)])
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(
      `DROP TABLE async_action_reports, async_action_payloads, async_actions, customer_clocks,
         customer_counters, customers, events, lanes, access_tokens, api_keys, projects, installation`,
    )
    await runner.query('DROP FUNCTION refuse_change_of_events')
  }
}

const MACHINERY = [
  `CREATE TABLE installation (
     singleton boolean PRIMARY KEY DEFAULT true CHECK (singleton),
     log_epoch integer NOT NULL DEFAULT 1,
     report_signing_key bytea NOT NULL
   )`,
  `CREATE TABLE projects (
     id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
     name text NOT NULL,
     created_at timestamptz NOT NULL DEFAULT clock_timestamp()
   )`,
  `CREATE TABLE api_keys (
     app_id text COLLATE "C" PRIMARY KEY,
     project_id uuid NOT NULL REFERENCES projects,
     token_hash bytea NOT NULL,
     created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
     revoked_at timestamptz
   )`,
  `CREATE TABLE access_tokens (
     token_hash bytea PRIMARY KEY,
     project_id uuid NOT NULL REFERENCES projects,
     app_id text COLLATE "C" NOT NULL REFERENCES api_keys,
     scope text NOT NULL,
     expires_at timestamptz NOT NULL
   )`,
  `CREATE INDEX access_tokens_of_project ON access_tokens (project_id, expires_at)`,
  `CREATE TABLE lanes (
     project_id uuid PRIMARY KEY REFERENCES projects,
     fence bigint NOT NULL DEFAULT 0,
     owner text,
     lease_until timestamptz,
     last_served timestamptz
   )`,
]

const EVENT_LOG = [
  `CREATE TABLE events (
     project_id uuid NOT NULL,
     stream_id text COLLATE "C" NOT NULL,
     version integer NOT NULL CHECK (version > 0),
     type text COLLATE "C" NOT NULL,
     schema_version smallint NOT NULL,
     data json NOT NULL,
     correlation_id text COLLATE "C",
     causation_id text COLLATE "C",
     occurred_at timestamptz NOT NULL,
     transaction_id xid8 NOT NULL DEFAULT pg_current_xact_id(),
     global_position bigint GENERATED ALWAYS AS IDENTITY (CACHE 1),
     PRIMARY KEY (project_id, stream_id, version)
   )`,
  // What subscriptions read by: commit-safe below the oldest running transaction.
  `CREATE INDEX events_in_log_order ON events (transaction_id, global_position)`,
  `CREATE FUNCTION refuse_change_of_events() RETURNS trigger LANGUAGE plpgsql AS $$
   BEGIN
     RAISE EXCEPTION 'events are append-only: % refused', TG_OP USING ERRCODE = 'insufficient_privilege';
   END $$`,
  `CREATE TRIGGER events_are_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON events
   FOR EACH STATEMENT EXECUTE FUNCTION refuse_change_of_events()`,
]

const CUSTOMERS = [
  // Half-filled pages keep updates on their page (HOT), and no index holds a column that every update touches.
  `CREATE TABLE customers (
     project_id uuid NOT NULL,
     id text COLLATE "C" NOT NULL,
     source_id text COLLATE "C",
     version integer NOT NULL,
     created_at timestamptz NOT NULL,
     updated_at timestamptz,
     document json NOT NULL,
     PRIMARY KEY (project_id, id)
   ) WITH (fillfactor = 50)`,
  `CREATE UNIQUE INDEX customers_by_source_id ON customers (project_id, source_id)`,
  `CREATE TABLE customer_counters (
     project_id uuid PRIMARY KEY REFERENCES projects,
     customers bigint NOT NULL DEFAULT 0
   )`,
  `CREATE TABLE customer_clocks (
     project_id uuid PRIMARY KEY REFERENCES projects,
     last_created_at timestamptz NOT NULL DEFAULT '-infinity'
   )`,
]

const ASYNC_ACTIONS = [
  `CREATE TABLE async_actions (
     project_id uuid NOT NULL,
     id text COLLATE "C" NOT NULL,
     position bigint GENERATED ALWAYS AS IDENTITY (CACHE 1),
     version integer NOT NULL,
     type text NOT NULL,
     status text NOT NULL,
     request_id text NOT NULL,
     row_count integer NOT NULL,
     chunk_count integer NOT NULL,
     next_chunk integer NOT NULL DEFAULT 0,
     rows_done integer NOT NULL DEFAULT 0,
     rows_failed integer NOT NULL DEFAULT 0,
     failure text,
     created_at timestamptz NOT NULL,
     updated_at timestamptz NOT NULL,
     finished_at timestamptz,
     reports_available_till timestamptz,
     PRIMARY KEY (project_id, id)
   ) WITH (fillfactor = 70)`,
  `CREATE INDEX async_actions_open ON async_actions (project_id, position) WHERE finished_at IS NULL`,
  `CREATE UNIQUE INDEX async_actions_by_time ON async_actions (project_id, created_at)`,
  `CREATE TABLE async_action_payloads (
     project_id uuid NOT NULL,
     async_action_id text COLLATE "C" NOT NULL,
     chunk integer NOT NULL,
     first_row integer NOT NULL,
     rows text NOT NULL,
     PRIMARY KEY (project_id, async_action_id, chunk)
   )`,
  `CREATE TABLE async_action_reports (
     project_id uuid NOT NULL,
     async_action_id text COLLATE "C" NOT NULL,
     chunk integer NOT NULL,
     csv text NOT NULL,
     failures json,
     PRIMARY KEY (project_id, async_action_id, chunk)
   )`,
  // Rows this large are compressed by lz4 at a fraction of pglz' cost; a PostgreSQL without it stores them as they
  // are, because compressing by pglz took a third of the time in which a request of 10 MB is accepted.
  `DO $$ BEGIN
     ALTER TABLE events ALTER COLUMN data SET COMPRESSION lz4;
     ALTER TABLE async_action_payloads ALTER COLUMN rows SET COMPRESSION lz4;
     ALTER TABLE async_action_reports ALTER COLUMN csv SET COMPRESSION lz4;
   EXCEPTION WHEN feature_not_supported THEN
     ALTER TABLE async_action_payloads ALTER COLUMN rows SET STORAGE EXTERNAL;
     ALTER TABLE async_action_reports ALTER COLUMN csv SET STORAGE EXTERNAL;
   END $$`,
]
