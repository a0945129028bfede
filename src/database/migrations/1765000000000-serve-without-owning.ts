import { type MigrationInterface, type QueryRunner } from 'typeorm'

/**
 * What an API or a worker needs, and nothing more: logins that have the role `rollcall_service` serve all projects, own
 * nothing, and cannot change a table, an event or an entry of the audit log. The owner of the tables migrates them.
 */
export class ServeWithoutOwning1765000000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const statement of [
      ROLE,
      MAY_LOOK,
      ...Object.entries(RIGHTS).map(([table, rights]) => `GRANT ${rights} ON ${table} TO rollcall_service`),
      'GRANT INSERT (project_id, act, client, subject, request_id, details) ON audit_log TO rollcall_service',
      ...WALLED.map((table) => `CREATE POLICY all_projects ON ${table} TO rollcall_service USING (true)`),
    ]) {
      await runner.query(statement)
    }
  }

  /** The role stays: other databases may need it. */
  async down(runner: QueryRunner): Promise<void> {
    for (const table of WALLED) await runner.query(`DROP POLICY all_projects ON ${table}`)
    await runner.query(`REVOKE ALL ON ${Object.keys(RIGHTS).join(', ')} FROM rollcall_service`)
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

/** What is done for all projects; the rest is done on behalf of one, as `rollcall_project`. */
const RIGHTS: Record<string, string> = {
  access_tokens: 'SELECT, INSERT, DELETE',
  api_keys: 'SELECT',
  async_action_payloads: 'SELECT',
  async_actions: 'SELECT, UPDATE (attempts)',
  audit_log: 'SELECT, DELETE',
  idempotency_keys: 'SELECT',
  installation: 'SELECT',
  lanes: 'SELECT, UPDATE',
  projects: 'SELECT',
}

/** Tables that show a role the rows that a policy lets through. */
const WALLED = ['async_action_payloads', 'async_actions', 'audit_log', 'idempotency_keys', 'lanes']
