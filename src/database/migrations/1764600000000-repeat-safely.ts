import { type MigrationInterface, type QueryRunner } from 'typeorm'

/** What was done before is known: by clients that repeat a request, and by workers that take up an action again. */
export class RepeatSafely1764600000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const statement of STATEMENTS) await runner.query(statement)
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE async_actions DROP COLUMN attempts')
    await runner.query('DROP TABLE idempotency_keys')
  }
}

const STATEMENTS = [
  // Hashes alone: keys and contents may name persons, and an erasure could not find them here.
  `CREATE TABLE idempotency_keys (
     project_id uuid NOT NULL,
     key_hash bytea NOT NULL,
     fingerprint bytea NOT NULL,
     async_action_id text COLLATE "C" NOT NULL,
     created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
     PRIMARY KEY (project_id, key_hash)
   )`,
  'CREATE INDEX idempotency_keys_by_age ON idempotency_keys (created_at)',
  // Claims of a lane for this action since a chunk of it last took effect.
  'ALTER TABLE async_actions ADD COLUMN attempts integer NOT NULL DEFAULT 0',
]
