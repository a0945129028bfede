import { type MigrationInterface, type QueryRunner } from 'typeorm'

/** What permanent deletion needs: one way to take data out of the log, and what it leaves behind. */
export class ErasePersonalData1764300000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const statement of [...APPEND_ONLY_BUT_FOR_ERASURE, ...DELETED_CUSTOMERS]) {
      await runner.query(statement)
    }
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE permanent_deletions, deleted_customers')
    await runner.query('ALTER TABLE lanes DROP COLUMN erasures')
    await runner.query('DROP FUNCTION erase_events')
    await runner.query('DROP TRIGGER events_lose_their_data_only ON events')
    await runner.query('DROP FUNCTION refuse_all_but_erasure')
    await runner.query(REFUSE_EVERY_CHANGE)
  }
}

/** As the first schema has it. */
const REFUSE_EVERY_CHANGE = `
   CREATE OR REPLACE FUNCTION refuse_change_of_events() RETURNS trigger LANGUAGE plpgsql AS $$
   BEGIN
     RAISE EXCEPTION 'events are append-only: % refused', TG_OP USING ERRCODE = 'insufficient_privilege';
   END $$`

const APPEND_ONLY_BUT_FOR_ERASURE = [
  `CREATE OR REPLACE FUNCTION refuse_change_of_events() RETURNS trigger LANGUAGE plpgsql AS $$
   BEGIN
     IF TG_OP = 'UPDATE' AND current_setting('rollcall.erasing', true) = 'on' THEN
       RETURN NULL;
     END IF;
     RAISE EXCEPTION 'events are append-only: % refused', TG_OP USING ERRCODE = 'insufficient_privilege';
   END $$`,
  // The second wall: should anybody else set that flag, what happened, when and why still cannot be changed.
  `CREATE FUNCTION refuse_all_but_erasure() RETURNS trigger LANGUAGE plpgsql AS $$
   BEGIN
     IF (NEW.project_id, NEW.stream_id, NEW.version, NEW.type, NEW.correlation_id, NEW.causation_id,
         NEW.occurred_at, NEW.transaction_id, NEW.global_position)
       IS DISTINCT FROM
        (OLD.project_id, OLD.stream_id, OLD.version, OLD.type, OLD.correlation_id, OLD.causation_id,
         OLD.occurred_at, OLD.transaction_id, OLD.global_position) THEN
       RAISE EXCEPTION 'an erasure takes data out of events and nothing else' USING ERRCODE = 'insufficient_privilege';
     END IF;
     RETURN NEW;
   END $$`,
  `CREATE TRIGGER events_lose_their_data_only BEFORE UPDATE ON events
   FOR EACH ROW EXECUTE FUNCTION refuse_all_but_erasure()`,
  // The flag is set for the time of the call; should it fail, PostgreSQL takes the flag back with all else.
  `CREATE FUNCTION erase_events(
     in_project uuid, in_stream text, of_type text, at_version integer, in_schema_version integer, erased json
   ) RETURNS integer LANGUAGE plpgsql AS $$
   DECLARE
     changed integer;
   BEGIN
     PERFORM set_config('rollcall.erasing', 'on', true);
     UPDATE events SET data = erased, schema_version = in_schema_version
     WHERE project_id = in_project AND stream_id = in_stream AND type = of_type
       AND version >= coalesce(at_version, 1) AND version <= coalesce(at_version, 2147483647);
     GET DIAGNOSTICS changed = ROW_COUNT;
     PERFORM set_config('rollcall.erasing', 'off', true);
     RETURN changed;
   END $$`,
]

const DELETED_CUSTOMERS = [
  // Counts erasures: a chunk that was read before the last one must not commit.
  'ALTER TABLE lanes ADD COLUMN erasures bigint NOT NULL DEFAULT 0',
  // Which streams hold the past of a source_id that is gone: the log cannot be asked for that.
  `CREATE TABLE deleted_customers (
     project_id uuid NOT NULL,
     customer_id text COLLATE "C" NOT NULL,
     source_id text COLLATE "C",
     PRIMARY KEY (project_id, customer_id)
   )`,
  'CREATE INDEX deleted_customers_by_source_id ON deleted_customers (project_id, source_id)',
  // All that remains of an erased person: no name, no source_id.
  `CREATE TABLE permanent_deletions (
     project_id uuid NOT NULL,
     id text COLLATE "C" NOT NULL,
     customer_id text COLLATE "C" NOT NULL,
     request_id text NOT NULL,
     created_at timestamptz NOT NULL,
     counts json NOT NULL,
     PRIMARY KEY (project_id, id)
   )`,
]
