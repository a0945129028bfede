import { type MigrationInterface, type QueryRunner } from 'typeorm'

/** How many bytes of payload an action came with stands in its row, so that nobody has to read the payload for it. */
export class CountStoredBytes1764500000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE async_actions ADD COLUMN payload_bytes bigint NOT NULL DEFAULT 0')
    await runner.query(
      `UPDATE async_actions a SET payload_bytes = stored.bytes
       FROM (SELECT project_id, async_action_id, sum(octet_length(rows)) AS bytes FROM async_action_payloads
             GROUP BY project_id, async_action_id) stored
       WHERE a.project_id = stored.project_id AND a.id = stored.async_action_id AND a.finished_at IS NULL`,
    )
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE async_actions DROP COLUMN payload_bytes')
  }
}
