import { statfsSync } from 'node:fs'
import { type Client } from 'pg'
import { withClient } from '../../database/index.js'

const MEGABYTE = 1_048_576

/** Of a segment of the write-ahead log, in MB: initdb's default, which the cluster leaves. */
const SEGMENT_MB = 16

/** What the write-ahead log may take until PostgreSQL writes a checkpoint (`max_wal_size`), in MB. */
export const MAX_WAL_MB = 4_096

/** What is kept ready for it when it takes less (`min_wal_size`), in MB. */
export const MIN_WAL_MB = 1_024

export interface WalReserve {
  /** Segments that are to be there. */
  readonly segments: number
  /** For how long they are made, in milliseconds: a start is not to wait for a slow disk. */
  readonly patienceMs: number
}

/** What a start makes ready. */
export const WAL_RESERVE: WalReserve = { segments: MIN_WAL_MB / SEGMENT_MB, patienceMs: 5_000 }

/** Leaves the rest of a segment empty; something must stand in it. */
const NEXT_SEGMENT = `SELECT pg_logical_emit_message(false, 'rollcall', 'makes room'), pg_switch_wal()`

/**
 * Makes the segments that the write-ahead log will be written to, unless half as many are there. PostgreSQL makes a new
 * one in the middle of its work, fills it with zeros and waits until they are on the disk: three times in a request of
 * 10 MB, which writes 50 MB of log and took 1.03 s like this and 0.89 s where segments lay ready (changed customers,
 * medians of 14, two servers by turns). Those that are no longer needed it takes again, as many as `min_wal_size` says; a
 * new cluster has none. To make 1 GB of them takes some two seconds.
 */
export async function reserveWal(url: string, reserve: WalReserve, signal?: AbortSignal): Promise<void> {
  await withClient(url, async (client) => {
    if ((await countSegments(client)) > reserve.segments / 2) return
    const deadline = Date.now() + reserve.patienceMs
    for (let made = 0; made < reserve.segments && Date.now() < deadline; made++) {
      signal?.throwIfAborted()
      await client.query(NEXT_SEGMENT)
    }
    // What lies before it is no longer needed: PostgreSQL takes those segments for what is to come.
    await client.query('CHECKPOINT')
  })
}

async function countSegments(client: Client): Promise<number> {
  const { rows } = await client.query<{ segments: number }>(
    'SELECT count(*)::int AS segments FROM pg_ls_waldir()',
  )
  return rows[0]?.segments ?? 0
}

/** Whether the disk where a folder lies has room for all that, and for the log itself. */
export const hasRoomForWal = (folder: string): boolean => freeMegabytesAt(folder) >= MAX_WAL_MB + MIN_WAL_MB

/** Megabytes that are free to this process where a folder lies; throws when nobody can tell. */
export function freeMegabytesAt(folder: string): number {
  const { bavail, bsize } = statfsSync(folder)
  return (bavail * bsize) / MEGABYTE
}
