import { type MigrationInterface, type QueryRunner } from 'typeorm'

/** A worker has the search keys of new events sorted in when it has nothing else to do, though the index is not its own. */
export class SortInSearchKeys1765100000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const statement of STATEMENTS) await runner.query(statement)
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP FUNCTION sort_in_search_keys')
  }
}

/**
 * Who waits for a lock for a second has autovacuum cancelled, which sorts in as well: a vacuum of all events were lost.
 */
const STATEMENTS = [
  `CREATE FUNCTION sort_in_search_keys() RETURNS bigint LANGUAGE sql SECURITY DEFINER
   SET search_path = pg_catalog, public, pg_temp SET lock_timeout = '200ms' AS $$
     SELECT gin_clean_pending_list('public.events_by_keys')
   $$`,
  'REVOKE EXECUTE ON FUNCTION sort_in_search_keys FROM PUBLIC',
  'GRANT EXECUTE ON FUNCTION sort_in_search_keys TO rollcall_service',
]
