import { type Row, type Session } from '../../database/index.js'
import { unpack } from '../../kernel/index.js'

/**
 * A request's rows, cut into pieces that one transaction each will work on, and packed. They are stored while the rest
 * is still being checked: an error ends the whole request, and nothing of it stays.
 */
export type Payload = AsyncIterable<PackedChunk>

interface ChunkExtent {
  /** Index of its first row within the request. */
  readonly firstRow: number
  readonly rowCount: number
}

/** A chunk as it is cut. */
export interface PayloadChunk extends ChunkExtent {
  /** JSON in UTF-8: whatever the operation's chunk handler takes. */
  readonly rows: Uint8Array
}

/** A chunk as it is to be stored. */
export interface PackedChunk extends ChunkExtent {
  /** What `pack` makes of the rows of a {@link PayloadChunk}. */
  readonly packed: Uint8Array
}

/** How much a payload turned out to be. */
export interface PayloadSize {
  readonly rowCount: number
  readonly chunkCount: number
  /** As they are stored, packed: what is limited is the room that they take. */
  readonly payloadBytes: number
}

const INSERT_CHUNK = `
  INSERT INTO async_action_payloads (project_id, async_action_id, chunk, first_row, packed) VALUES ($1, $2, $3, $4, $5)`

/** Rows and count in one statement: they are of one moment. */
const SELECT_CHUNK = `
  SELECT first_row, rows, packed, xmin::text AS revision,
    (SELECT erasures FROM lanes WHERE project_id = $1) AS erasures
  FROM async_action_payloads WHERE project_id = $1 AND async_action_id = $2 AND chunk = $3`

/** Stores a payload chunk by chunk: the bytes go to PostgreSQL as they are, never copied as a whole. */
export async function storePayload(
  session: Session,
  projectId: string,
  asyncActionId: string,
  payload: Payload,
): Promise<PayloadSize> {
  const size = { rowCount: 0, chunkCount: 0, payloadBytes: 0 }
  for await (const { firstRow, rowCount, packed } of payload) {
    const { byteLength } = packed
    await session.execute(INSERT_CHUNK, [projectId, asyncActionId, size.chunkCount, firstRow, packed])
    size.rowCount += rowCount
    size.chunkCount++
    size.payloadBytes += byteLength
  }
  return size
}

/** The columns in which rows wait, in one of two forms. */
export interface WaitingRows extends Row {
  /** Their text, as the release before stored them; it says nothing where they are packed. */
  rows: string
  packed: Buffer | null
}

/** The JSON text of stored rows, in UTF-8; undefined when nobody can tell any more what it was. */
export const textOf = ({ rows, packed }: WaitingRows): Buffer | undefined =>
  packed === null ? Buffer.from(rows) : unpack(packed)

/** A chunk as it is stored. */
export interface StoredChunk extends WaitingRows {
  /** Index of its first row within the request. */
  first_row: number
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
