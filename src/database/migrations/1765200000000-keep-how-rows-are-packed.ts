import { type MigrationInterface, type QueryRunner } from 'typeorm'

/**
 * An API of a build that packed by deflate cannot read rows that are packed as they are now, and its erasure would write
 * nothing in their place: all of a chunk, whomever it names. So it fails, and can be repeated by an API of this build.
 */
export class KeepHowRowsArePacked1765200000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const statement of STATEMENTS) await runner.query(statement)
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TRIGGER rows_stay_packed_as_they_are ON async_action_payloads')
    await runner.query('DROP FUNCTION refuse_older_packing')
  }
}

/** By the first byte, which is the form that `pack` writes, or how deflate begins. */
const STATEMENTS = [
  `CREATE FUNCTION refuse_older_packing() RETURNS trigger LANGUAGE plpgsql AS $$
   BEGIN
     RAISE EXCEPTION 'these rows were packed by a later build of Rollcall: only that may change them';
   END $$`,
  `CREATE TRIGGER rows_stay_packed_as_they_are BEFORE UPDATE ON async_action_payloads
   FOR EACH ROW WHEN (substring(OLD.packed FROM 1 FOR 1) = '\\x01' AND substring(NEW.packed FROM 1 FOR 1) = '\\x78')
   EXECUTE FUNCTION refuse_older_packing()`,
]
