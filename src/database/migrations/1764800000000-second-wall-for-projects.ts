import { type MigrationInterface, type QueryRunner } from 'typeorm'

/**
 * The second wall between projects: transactions on behalf of a project take a role that owns nothing, sees the rows of
 * that project alone, and can neither remove an event nor change one but by `erase_events`. The role belongs to the whole server of PostgreSQL:
 * several databases share it, each with rights and policies of its own.
 */
export class SecondWallForProjects1764800000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const statement of [
      ROLE,
      MAY_LOOK,
      ...Object.keys(RIGHTS).flatMap(wall),
      ...REFERENCES,
      ...ERASURE,
      ...SEARCH,
    ]) {
      await runner.query(statement)
    }
  }

  /** The role stays: other databases may need it. */
  async down(runner: QueryRunner): Promise<void> {
    for (const statement of [
      ...NO_SEARCH,
      ...ERASURE_AS_CALLER,
      ...Object.keys(RIGHTS).flatMap(noWall),
      ...NO_REFERENCES,
    ]) {
      await runner.query(statement)
    }
  }
}

/** Who is a member of a role may since PostgreSQL 16 still not be allowed to take it. */
const MAY_TAKE = `pg_has_role('rollcall_project',
  CASE WHEN current_setting('server_version_num')::int >= 160000 THEN 'SET' ELSE 'MEMBER' END)`

/** Whoever migrates makes the role, which another may do at the same moment, or finds it made and may take it. */
const ROLE = `
  DO $$ BEGIN
    IF to_regrole('rollcall_project') IS NULL THEN
      BEGIN
        CREATE ROLE rollcall_project NOLOGIN;
      EXCEPTION WHEN duplicate_object OR unique_violation THEN
        NULL;
      END;
    END IF;
    IF NOT ${MAY_TAKE} THEN
      EXECUTE format('GRANT rollcall_project TO %I', current_user);
    END IF;
  EXCEPTION WHEN insufficient_privilege THEN
    RAISE EXCEPTION USING ERRCODE = 'insufficient_privilege', MESSAGE = format(
      'The role rollcall_project keeps projects apart, and %I may neither make nor take it. '
      'As an administrator of PostgreSQL run: CREATE ROLE rollcall_project NOLOGIN (unless there is one); '
      'GRANT rollcall_project TO %I;', current_user, current_user);
  END $$`

const MAY_LOOK = `
  DO $$ BEGIN
    IF NOT has_schema_privilege('rollcall_project', 'public', 'USAGE') THEN
      GRANT USAGE ON SCHEMA public TO rollcall_project;
    END IF;
  END $$`

/** What may be done with the rows of a project. Rows that follow from events may be removed, so that they can be made anew. */
const RIGHTS: Record<string, string> = {
  events: 'SELECT, INSERT',
  customers: 'SELECT, INSERT, UPDATE, DELETE',
  customer_clocks: 'SELECT, INSERT, UPDATE',
  customer_counters: 'SELECT, INSERT, UPDATE',
  deleted_customers: 'SELECT, INSERT, DELETE',
  permanent_deletions: 'SELECT, INSERT',
  async_actions: 'SELECT, INSERT, UPDATE, DELETE',
  async_action_payloads: 'SELECT, INSERT, UPDATE, DELETE',
  async_action_reports: 'SELECT, INSERT, UPDATE, DELETE',
  idempotency_keys: 'SELECT, INSERT, UPDATE, DELETE',
  lanes: 'SELECT, INSERT, UPDATE',
}

/**
 * Where no project is named, nothing is seen. Written so that no index can serve it: left to choose, PostgreSQL took a
 * project to be small, read all of its 20,000 customers for each of 200 that were named by their places, and joined
 * them by hand. The inner SELECT has the setting read once for a statement: to look up 20,000 customers takes
 * 39 ms with this policy and without any, 47 ms when each row reads it.
 */
const OWN = `project_id IS NOT DISTINCT FROM (SELECT nullif(current_setting('rollcall.project_id', true), '')::uuid)`

const wall = (table: string): string[] => [
  `ALTER TABLE ${table} ENABLE ROW LEVEL SECURITY`,
  `CREATE POLICY own_project ON ${table} TO rollcall_project USING (${OWN}) WITH CHECK (${OWN})`,
  `GRANT ${RIGHTS[table] ?? ''} ON ${table} TO rollcall_project`,
]

const noWall = (table: string): string[] => [
  `REVOKE ALL ON ${table} FROM rollcall_project`,
  `DROP POLICY own_project ON ${table}`,
  `ALTER TABLE ${table} DISABLE ROW LEVEL SECURITY`,
]

/** Which restore the log is of stands for all projects; the key that signs reports is not to be seen. */
const REFERENCES = ['GRANT SELECT (log_epoch) ON installation TO rollcall_project']
const NO_REFERENCES = ['REVOKE ALL ON installation FROM rollcall_project']

/** The one way to take data out of events: with the owner's rights, but for the project of the transaction alone. */
const eraseEvents = (security: string, guard: string): string => `
  CREATE OR REPLACE FUNCTION erase_events(
     in_project uuid, in_stream text, of_type text, at_version integer, in_schema_version integer, erased text
   ) RETURNS integer LANGUAGE plpgsql ${security} AS $$
   DECLARE
     changed integer;
   BEGIN${guard}
     PERFORM set_config('rollcall.erasing', 'on', true);
     UPDATE events SET data = erased, schema_version = in_schema_version, keys = NULL
     WHERE project_id = in_project AND stream_id = in_stream AND type = of_type
       AND version >= coalesce(at_version, 1) AND version <= coalesce(at_version, 2147483647);
     GET DIAGNOSTICS changed = ROW_COUNT;
     PERFORM set_config('rollcall.erasing', 'off', true);
     RETURN changed;
   END $$`

const GUARD = `
     IF in_project IS DISTINCT FROM nullif(current_setting('rollcall.project_id', true), '')::uuid THEN
       RAISE EXCEPTION 'an erasure is of the project of its transaction' USING ERRCODE = 'insufficient_privilege';
     END IF;`

/**
 * Streams that an event gave one of these keys. With the owner's rights, because PostgreSQL lets no operator near rows
 * before a policy has spoken unless it is known to tell nothing of them, and the index's is not: every search would read
 * all events.
 */
const FIND_BY_KEYS = `
  CREATE FUNCTION streams_found_by(wanted int4[]) RETURNS SETOF text LANGUAGE sql STABLE SECURITY DEFINER
  SET search_path = public, pg_temp AS $$
    SELECT DISTINCT stream_id FROM events WHERE keys @> wanted AND ${OWN}
  $$`

const ERASURE = [
  eraseEvents('SECURITY DEFINER SET search_path = public, pg_temp', GUARD),
  'REVOKE EXECUTE ON FUNCTION erase_events FROM PUBLIC',
  'GRANT EXECUTE ON FUNCTION erase_events TO rollcall_project',
]
const ERASURE_AS_CALLER = [
  'REVOKE EXECUTE ON FUNCTION erase_events FROM rollcall_project',
  eraseEvents('', ''),
  'GRANT EXECUTE ON FUNCTION erase_events TO PUBLIC',
]
const SEARCH = [
  FIND_BY_KEYS,
  'REVOKE EXECUTE ON FUNCTION streams_found_by FROM PUBLIC',
  'GRANT EXECUTE ON FUNCTION streams_found_by TO rollcall_project',
]
const NO_SEARCH = ['DROP FUNCTION streams_found_by']
