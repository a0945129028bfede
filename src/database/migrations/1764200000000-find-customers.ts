import { type MigrationInterface, type QueryRunner } from 'typeorm'

/**
 * What lists of customers are found by. By time of creation they are found by their ids, which begin with it. Figures:
 * CPU of PostgreSQL for 27,542 new customers, 0.33 s without these indexes.
 */
export class FindCustomers1764200000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    // E-mail, city and name in one index that takes entries in a heap of its own first: 0.39 s, where an index for each
    // took 0.57 s. Their text lies in the document; an index on that would make every update touch every index.
    // The heap may grow to 16 MB, several requests of 10 MB, so that no chunk has to sort it in; autovacuum does.
    await runner.query('ALTER TABLE customers ADD COLUMN search_keys int4[]')
    await runner.query(
      `CREATE INDEX customers_by_search_keys ON customers USING gin (search_keys) WITH (gin_pending_list_limit = 16384)
       WHERE search_keys IS NOT NULL`,
    )
    // By time of change they are found through their last event: an index on updated_at would cost every update its
    // place on the page (HOT). New customers are not in it.
    await runner.query(
      'CREATE INDEX events_by_time_of_change ON events (project_id, occurred_at) WHERE version > 1',
    )
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP INDEX events_by_time_of_change')
    await runner.query('ALTER TABLE customers DROP COLUMN search_keys')
  }
}
