import { promisify } from 'node:util'
import { brotliCompress, brotliDecompress, type BrotliOptions, constants } from 'node:zlib'
import { type Client } from 'pg'
import { type Customer } from '../payloads.js'
import { FULL_TABLES } from './full-tables.js'
import { BATCH_BYTES, Limit } from './limit.js'

/** Any project; there is no other. Request and action are as long as real ones. */
const PROJECT_ID = '0b9e8a4e-6f1c-4a39-9d35-2f6a8a1f3b11'
const CAUSES = ['v-0a875d56c805df6601', 'aa_0a875d56c805df6602']

/**
 * The bare limit of typical customers with what a durable request and Rollcall's tables cost by themselves: the body is
 * stored and committed in pieces, packed as ours are, before anything else and read back from there, and the tables have
 * the columns and indexes of ours. What Rollcall needs longer than this is its waste.
 */
export class FullLimit extends Limit {
  /** Ids grow as those of Rollcall do. */
  #nextId = Date.now() * 1_000

  constructor() {
    super('full', FULL_TABLES)
  }

  protected async write(body: Buffer): Promise<void> {
    const pieces = cut(body)
    await this.#store(pieces)
    let next = 0
    await this.everyClient(async (client) => {
      while (next < pieces.length) await this.writeBatch(client, await readPiece(client, next++))
    })
  }

  protected override parametersOf(batch: readonly Customer[]): readonly unknown[] {
    const firstId = this.#nextId
    this.#nextId += batch.length
    return [PROJECT_ID, firstId, ...CAUSES]
  }

  /** Half of the pieces on each connection. */
  async #store(pieces: readonly Buffer[]): Promise<void> {
    let next = 0
    await this.everyClient(async (client) => {
      await client.query('BEGIN')
      while (next < pieces.length) {
        const values = [next, await pack(pieces[next++] ?? Buffer.of())]
        await client.query({ name: 'store', text: 'INSERT INTO payloads VALUES ($1, $2)', values })
      }
      await client.query('COMMIT')
    })
  }
}

async function readPiece(client: Client, chunk: number): Promise<Customer[]> {
  const { rows } = await client.query<{ packed: Buffer }>({
    name: 'read',
    text: 'SELECT packed FROM payloads WHERE chunk = $1',
    values: [chunk],
  })
  const text = await unpack(rows[0]?.packed ?? Buffer.of())
  return JSON.parse(text.toString()) as Customer[]
}

/**
 * On other threads: what can be done beside the rest must not make the limit slower. Rollcall packs on another thread
 * too, but unpacks on the worker's own. On two cores it took as long as in between, and as text did (by deflate).
 */
const compress = promisify<Buffer, BrotliOptions, Buffer>(brotliCompress)
const decompress = promisify<Buffer, BrotliOptions, Buffer>(brotliDecompress)
// As in src/kernel/packed-text.ts, but for the checksum.
const PACKING = {
  chunkSize: 262_144,
  params: { [constants.BROTLI_PARAM_QUALITY]: 1, [constants.BROTLI_PARAM_LGWIN]: 18 },
}
const pack = (piece: Buffer): Promise<Buffer> => compress(piece, PACKING)
const unpack = (packed: Buffer): Promise<Buffer> => decompress(packed, { chunkSize: 1_048_576 })

/** How each row of our own bodies begins, after the one before. */
const NEXT_ROW = '},{"source_id":'
const [OPEN, CLOSE] = [Buffer.from('['), Buffer.from(']')]

/** Arrays of about the size of a batch. The bodies are the bench's own, so that no parser is needed to cut them. */
function cut(body: Buffer): Buffer[] {
  const pieces: Buffer[] = []
  const end = body.length - 1
  for (let from = 1; from < end;) {
    const border = body.indexOf(NEXT_ROW, from + BATCH_BYTES)
    const to = border === -1 ? end : border + 1
    pieces.push(Buffer.concat([OPEN, body.subarray(from, to), CLOSE]))
    from = to + 1
  }
  return pieces
}
