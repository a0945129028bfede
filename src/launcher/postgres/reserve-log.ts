import { statfsSync } from 'node:fs'
import { withClient } from '../../database/index.js'

const MEGABYTE = 1_048_576

/** Of a file of the write-ahead log, as `initdb` decides. */
const FILE_MB = 16

/** What the log may take until PostgreSQL writes a checkpoint (`max_wal_size`), in MB. */
export const LOG_MB = 4_096

/** What is kept ready for the log when it takes less (`min_wal_size`), in MB. */
export const LOG_RESERVE_MB = 1_024

const RESERVE_FILES = LOG_RESERVE_MB / FILE_MB

/** Beyond, a slow disk makes do with what there is: a start is not to wait for more. */
const PATIENCE_MS = 5_000

/** Leaves what is left of a file empty; something must stand in it. */
const NEXT_FILE = `SELECT pg_logical_emit_message(false, 'rollcall', 'makes room for the log'), pg_switch_wal()`

/**
 * Makes the files that the log will be written to, once, when a cluster is new. PostgreSQL makes a new one in the middle
 * of its work, fills it with zeros and waits until they are on the disk: three times in a request of 10 MB, which writes
 * 50 MB of log and took 1.03 s like this and 0.89 s where files lay ready (changed customers, medians of 14, two servers
 * by turns). Files that are no longer needed it takes again, as many as `min_wal_size` says. To make 1 GB of them takes
 * some two seconds. Nothing is done where there is hardly room for the log itself.
 */
export async function reserveLog(url: string, freeMegabytes: number): Promise<void> {
  if (freeMegabytes < LOG_MB + LOG_RESERVE_MB) return
  await withClient(url, async (client) => {
    const { rows } = await client.query<{ files: number }>(
      'SELECT count(*)::int AS files FROM pg_ls_waldir()',
    )
    if ((rows[0]?.files ?? 0) > RESERVE_FILES / 2) return
    const deadline = Date.now() + PATIENCE_MS
    for (let file = 0; file < RESERVE_FILES && Date.now() < deadline; file++) await client.query(NEXT_FILE)
    // What lies before it is no longer needed: PostgreSQL takes those files for what is to come.
    await client.query('CHECKPOINT')
  })
}

/** Of the disk where a folder lies. */
export function freeMegabytesAt(folder: string): number {
  const { bavail, bsize } = statfsSync(folder)
  return (bavail * bsize) / MEGABYTE
}
