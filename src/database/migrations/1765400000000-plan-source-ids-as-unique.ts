import { type MigrationInterface, type QueryRunner } from 'typeorm'

/**
 * Where many projects have the same two or three `source_id`, statistics say that each is that of a large part of all
 * customers: for each list of 128 PostgreSQL read all 20,000 customers of a project that was newer. Within a project
 * they are unique. It takes effect with the next ANALYZE.
 */
export class PlanSourceIdsAsUnique1765400000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE customers ALTER COLUMN source_id SET (n_distinct = -1)')
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE customers ALTER COLUMN source_id RESET (n_distinct)')
  }
}
