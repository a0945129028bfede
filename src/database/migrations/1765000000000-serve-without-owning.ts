import { type MigrationInterface, type QueryRunner } from 'typeorm'

/**
 * What an API or a worker needs, and nothing more: logins that have the role `rollcall_service` serve all projects, own
 * nothing, can change no table, remove no event, and make neither keys nor tokens that last. The owner of the tables
 * migrates them.
 */
export class ServeWithoutOwning1765000000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const statement of [ROLE, MAY_LOOK, LOCKS, ...RIGHTS, ...POLICIES, ...FUNCTIONS]) {
      await runner.query(statement)
    }
  }

  /** The role stays: other databases may need it. So do the fixed search_path and the revoked CREATE, against holes. */
  async down(runner: QueryRunner): Promise<void> {
    for (const statement of [LOCKS, ...NO_POLICIES, NO_RIGHTS, eraseEvents('')]) await runner.query(statement)
  }
}

/**
 * It takes the role of a project (it is a member) without having that role's rights at other times (it does not inherit
 * them). Since PostgreSQL 16 a member may still not be allowed to take a role.
 */
const ROLE = `
  DO $$ BEGIN
    IF to_regrole('rollcall_service') IS NULL THEN
      BEGIN
        CREATE ROLE rollcall_service NOLOGIN NOINHERIT;
      EXCEPTION WHEN duplicate_object OR unique_violation THEN
        NULL;
      END;
    END IF;
    IF NOT pg_has_role('rollcall_service', 'rollcall_project',
      CASE WHEN current_setting('server_version_num')::int >= 160000 THEN 'SET' ELSE 'MEMBER' END) THEN
      GRANT rollcall_project TO rollcall_service;
    END IF;
  EXCEPTION WHEN insufficient_privilege THEN
    RAISE EXCEPTION USING ERRCODE = 'insufficient_privilege', MESSAGE = format(
      'APIs and workers may log in with the role rollcall_service, which %I may not make. '
      'As an administrator of PostgreSQL run: CREATE ROLE rollcall_service NOLOGIN NOINHERIT (unless there is one); '
      'GRANT rollcall_project TO rollcall_service;', current_user);
  END $$`

const MAY_LOOK = `
  DO $$ BEGIN
    IF NOT has_schema_privilege('rollcall_service', 'public', 'USAGE') THEN
      GRANT USAGE ON SCHEMA public TO rollcall_service;
    END IF;
  END $$`

/** In the order in which processes take them, which serve meanwhile: in another, both would wait for each other. */
const LOCKS = `
  LOCK TABLE idempotency_keys, async_action_payloads, lanes, async_actions, access_tokens, audit_log
  IN ACCESS EXCLUSIVE MODE`

/** What is done for all projects; the rest is done on behalf of one, as `rollcall_project`. */
const RIGHTS_ON: Record<string, string> = {
  access_tokens: 'SELECT, INSERT, DELETE',
  api_keys: 'SELECT',
  async_action_payloads: 'SELECT',
  async_actions: 'SELECT, UPDATE (attempts)',
  audit_log: 'SELECT, DELETE, INSERT (project_id, act, client, subject, request_id, details)',
  idempotency_keys: 'SELECT',
  installation: 'SELECT',
  lanes: 'SELECT, UPDATE',
  migrations: 'SELECT',
  projects: 'SELECT',
}
const RIGHTS = Object.entries(RIGHTS_ON).map(
  ([table, rights]) => `GRANT ${rights} ON ${table} TO rollcall_service`,
)
const NO_RIGHTS = `REVOKE ALL ON ${Object.keys(RIGHTS_ON).join(', ')} FROM rollcall_service`

/** Tables that show a role the rows that a policy lets through. */
const OF_ALL_PROJECTS = ['async_action_payloads', 'async_actions', 'idempotency_keys', 'lanes']
/** Of these, rows can be seen and removed, and only some be added. */
const SOME_ROWS: Record<string, string> = {
  access_tokens: `expires_at <= now() + interval '16 minutes'`,
  audit_log: `act IN ('token.issued', 'token.revoked')`,
}
const POLICIES = [
  ...OF_ALL_PROJECTS.map(
    (table) => `CREATE POLICY all_projects ON ${table} TO rollcall_service USING (true)`,
  ),
  'ALTER TABLE access_tokens ENABLE ROW LEVEL SECURITY',
  ...Object.entries(SOME_ROWS).flatMap(([table, rows]) => [
    `CREATE POLICY all_projects ON ${table} FOR SELECT TO rollcall_service USING (true)`,
    `CREATE POLICY removal ON ${table} FOR DELETE TO rollcall_service USING (true)`,
    `CREATE POLICY addition ON ${table} FOR INSERT TO rollcall_service WITH CHECK (${rows})`,
  ]),
]
const NO_POLICIES = [
  ...OF_ALL_PROJECTS.map((table) => `DROP POLICY all_projects ON ${table}`),
  ...Object.keys(SOME_ROWS).flatMap((table) =>
    ['all_projects', 'removal', 'addition'].map((policy) => `DROP POLICY ${policy} ON ${table}`),
  ),
  'ALTER TABLE access_tokens DISABLE ROW LEVEL SECURITY',
]

/** The one way to take data out of events, and what is done when it did. */
const eraseEvents = (afterwards: string): string => `
  CREATE OR REPLACE FUNCTION erase_events(
    in_project uuid, in_stream text, of_type text, at_version integer, in_schema_version integer, erased text
  ) RETURNS integer LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
  DECLARE
    changed integer;
  BEGIN
    IF in_project IS DISTINCT FROM nullif(current_setting('rollcall.project_id', true), '')::uuid THEN
      RAISE EXCEPTION 'an erasure is of the project of its transaction' USING ERRCODE = 'insufficient_privilege';
    END IF;
    PERFORM set_config('rollcall.erasing', 'on', true);
    UPDATE public.events SET data = erased, schema_version = in_schema_version, keys = NULL
    WHERE project_id = in_project AND stream_id = in_stream AND type = of_type
      AND version >= coalesce(at_version, 1) AND version <= coalesce(at_version, 2147483647);
    GET DIAGNOSTICS changed = ROW_COUNT;
    PERFORM set_config('rollcall.erasing', 'off', true);${afterwards}
    RETURN changed;
  END $$`

/** Nobody takes data out of events unseen. */
const SAY_SO = `
    IF changed > 0 THEN
      INSERT INTO public.audit_log (project_id, act, client, subject, details)
      VALUES (in_project, 'events.erased', '(database)', in_stream, json_build_object('type', of_type, 'events', changed));
    END IF;`

/**
 * What acts with the owner's rights finds nothing by name that a caller may have made, in a schema that an older
 * PostgreSQL left open to everybody.
 */
const FUNCTIONS = [
  'REVOKE CREATE ON SCHEMA public FROM PUBLIC',
  `CREATE OR REPLACE FUNCTION streams_found_by(wanted int4[]) RETURNS SETOF text LANGUAGE sql STABLE SECURITY DEFINER
   SET search_path = pg_catalog, public, pg_temp AS $$
     SELECT DISTINCT stream_id FROM public.events WHERE keys OPERATOR(pg_catalog.@>) wanted AND project_id
       IS NOT DISTINCT FROM (SELECT nullif(current_setting('rollcall.project_id', true), '')::uuid)
   $$`,
  eraseEvents(SAY_SO),
]
