import { type MigrationInterface, type QueryRunner } from 'typeorm'

/** A worker sorts the keys of new events in when it has nothing else to do, though the index is not its own. */
export class SortInKeys1765100000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const statement of STATEMENTS) await runner.query(statement)
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP FUNCTION sort_in_keys')
  }
}

const STATEMENTS = [
  `CREATE FUNCTION sort_in_keys() RETURNS bigint LANGUAGE sql SECURITY DEFINER
   SET search_path = pg_catalog, public, pg_temp AS $$
     SELECT gin_clean_pending_list('public.events_by_keys')
   $$`,
  'REVOKE EXECUTE ON FUNCTION sort_in_keys FROM PUBLIC',
  'GRANT EXECUTE ON FUNCTION sort_in_keys TO rollcall_service',
]
