import { type MigrationInterface, type QueryRunner } from 'typeorm'
import { unpack } from '../../kernel/index.js'

/**
 * Rows wait packed, in a column of their own. `rows` stays, and keeps its NOT NULL, because what waits was stored as
 * text, and because processes of the release before may still run:
 *
 * - Its API goes on storing text. Workers of this release read both.
 * - Its workers read what is text. They must be replaced before an API of this release is started, as in every upgrade:
 *   what is packed they take for rows that cannot be read, and its action ends FAILED.
 * - An erasure by its API looks into the text only. The text of packed rows is a backslash, by which it takes them for
 *   rows that it has to look at; that it cannot replace them is the constraint's doing. So it fails, and can be
 *   repeated by an API of this release. With an empty text it would have succeeded and left the person in there.
 *
 * Nothing is rewritten, so that this takes no longer than the lock.
 */
export class PackPayloads1764700000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(
      `ALTER TABLE async_action_payloads
         ADD COLUMN packed bytea,
         ALTER COLUMN rows SET DEFAULT E'\\\\',
         ADD CONSTRAINT async_action_payloads_one_form CHECK (packed IS NULL OR rows = E'\\\\')`,
    )
    // To compress it once more would cost time and gain nothing.
    await runner.query('ALTER TABLE async_action_payloads ALTER COLUMN packed SET STORAGE EXTERNAL')
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(
      `ALTER TABLE async_action_payloads
         DROP CONSTRAINT async_action_payloads_one_form,
         ALTER COLUMN rows DROP DEFAULT`,
    )
    await unpackAll(runner)
    await runner.query('ALTER TABLE async_action_payloads DROP COLUMN packed')
  }
}

const KEYS = 'SELECT project_id, async_action_id, chunk FROM async_action_payloads WHERE packed IS NOT NULL'
const ONE = 'WHERE project_id = $1 AND async_action_id = $2 AND chunk = $3'

/** One at a time: all of them may be more than there is memory. */
async function unpackAll(runner: QueryRunner): Promise<void> {
  const keys = (await runner.query(KEYS)) as { project_id: string; async_action_id: string; chunk: number }[]
  for (const { project_id: projectId, async_action_id: asyncActionId, chunk } of keys) {
    const key = [projectId, asyncActionId, chunk]
    const [row] = (await runner.query(`SELECT packed FROM async_action_payloads ${ONE}`, key)) as Packed[]
    const update = `UPDATE async_action_payloads SET rows = $4, packed = NULL ${ONE}`
    if (row) await runner.query(update, [...key, textOf(row)])
  }
}

interface Packed {
  readonly packed: Buffer
}

/** By the kernel, because what waits may be of any form that it reads. Without a word of what nobody can read any more. */
const textOf = ({ packed }: Packed): string => unpack(packed)?.toString() ?? ''
