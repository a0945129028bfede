import { type MigrationInterface, type QueryRunner } from 'typeorm'

/** Who got or lost keys and tokens, had requests accepted, had people forgotten, and downloaded reports. */
export class KeepAnAuditLog1764900000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const statement of STATEMENTS) await runner.query(statement)
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE audit_log')
    await runner.query('DROP FUNCTION refuse_change_of_audit_log')
  }
}

const STATEMENTS = [
  `CREATE TABLE audit_log (
     project_id uuid NOT NULL,
     position bigint GENERATED ALWAYS AS IDENTITY,
     at timestamptz NOT NULL DEFAULT clock_timestamp(),
     act text COLLATE "C" NOT NULL,
     client text COLLATE "C" NOT NULL,
     subject text COLLATE "C" NOT NULL,
     request_id text COLLATE "C",
     details json,
     PRIMARY KEY (project_id, position)
   )`,
  'CREATE INDEX audit_log_by_time ON audit_log (at, position)',
  `CREATE FUNCTION refuse_change_of_audit_log() RETURNS trigger LANGUAGE plpgsql AS $$
   BEGIN
     RAISE EXCEPTION 'the audit log is append-only for 90 days: % refused', TG_OP USING ERRCODE = 'insufficient_privilege';
   END $$`,
  `CREATE TRIGGER audit_log_is_append_only BEFORE UPDATE OR TRUNCATE ON audit_log
   FOR EACH STATEMENT EXECUTE FUNCTION refuse_change_of_audit_log()`,
  `CREATE TRIGGER audit_log_is_kept BEFORE DELETE ON audit_log
   FOR EACH ROW WHEN (OLD.at > now() - interval '90 days') EXECUTE FUNCTION refuse_change_of_audit_log()`,
  // Behind the second wall entries can be made, for the project of the transaction, and neither seen nor dated.
  'ALTER TABLE audit_log ENABLE ROW LEVEL SECURITY',
  `CREATE POLICY own_project ON audit_log FOR INSERT TO rollcall_project
   WITH CHECK (act IN ('action.accepted', 'customer.erased', 'report.downloaded')
     AND project_id IS NOT DISTINCT FROM (SELECT nullif(current_setting('rollcall.project_id', true), '')::uuid))`,
  'GRANT INSERT (project_id, act, client, subject, request_id, details) ON audit_log TO rollcall_project',
]
