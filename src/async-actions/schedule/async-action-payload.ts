import { type Row, type Session } from '../../database/index.js'

/**
 * A request's rows as they came, cut into pieces that one transaction each will work on. They are stored while the
 * rest is still being checked: an error ends the whole request, and nothing of it stays.
 */
export type Payload = AsyncIterable<PayloadChunk>

export interface PayloadChunk {
  /** Index of its first row within the request. */
  readonly firstRow: number
  readonly rowCount: number
  /** JSON in UTF-8: whatever the operation's chunk handler takes. */
  readonly rows: Uint8Array
}

/** How much a payload turned out to be. */
export interface PayloadSize {
  readonly rowCount: number
  readonly chunkCount: number
  readonly payloadBytes: number
}

const INSERT_CHUNK = `
  INSERT INTO async_action_payloads (project_id, async_action_id, chunk, first_row, rows) VALUES ($1, $2, $3, $4, $5)`

/** Rows and count in one statement: they are of one moment. */
const SELECT_CHUNK = `
  SELECT first_row, rows, xmin::text AS revision, (SELECT erasures FROM lanes WHERE project_id = $1) AS erasures
  FROM async_action_payloads WHERE project_id = $1 AND async_action_id = $2 AND chunk = $3`

/** Stores a payload chunk by chunk: the bytes go to PostgreSQL as they are, never copied as a whole. */
export async function storePayload(
  session: Session,
  projectId: string,
  asyncActionId: string,
  payload: Payload,
): Promise<PayloadSize> {
  const size = { rowCount: 0, chunkCount: 0, payloadBytes: 0 }
  for await (const { firstRow, rowCount, rows } of payload) {
    const bytes = Buffer.from(rows.buffer, rows.byteOffset, rows.byteLength)
    await session.execute(INSERT_CHUNK, [projectId, asyncActionId, size.chunkCount, firstRow, bytes])
    size.rowCount += rowCount
    size.chunkCount++
    size.payloadBytes += bytes.length
  }
  return size
}

/** A chunk as it is stored. */
export interface StoredChunk extends Row {
  /** Index of its first row within the request. */
  first_row: number
  /** The JSON text of its rows. */
  rows: string
  /** How many erasures the project had seen when the rows were read. */
  erasures: string
  /** Differs once the rows were rewritten, which only an erasure does. */
  revision: string
}

/** Which chunk was read, and how it was then. */
export interface ReadRows {
  readonly asyncActionId: string
  readonly chunk: number
  readonly erasures: string
  readonly revision: string
}

const SELECT_REVISION = `
  SELECT xmin::text AS revision FROM async_action_payloads
  WHERE project_id = $1 AND async_action_id = $2 AND chunk = $3`

/**
 * Whether a chunk's rows are as they were read. To be asked in a statement of its own once the lane is locked: one that
 * had to wait for the lock would still see what was there before it waited.
 */
export async function areUntouched(
  session: Session,
  projectId: string,
  { asyncActionId, chunk, revision }: ReadRows,
): Promise<boolean> {
  const row = await session.row<Row & { revision: string }>(SELECT_REVISION, [
    projectId,
    asyncActionId,
    chunk,
  ])
  return row?.revision === revision
}

/** One chunk of an action, or undefined when it is not there. */
export function loadChunk(
  session: Session,
  projectId: string,
  asyncActionId: string,
  chunk: number,
): Promise<StoredChunk | undefined> {
  return session.row<StoredChunk>(SELECT_CHUNK, [projectId, asyncActionId, chunk])
}
