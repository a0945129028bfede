import { type PayloadChunk } from '../../async-actions/index.js'
import { invalidPayload } from '../../kernel/index.js'
import { MAX_ROWS, MAX_SLICE_ROWS } from './scan-array.js'

/**
 * What the rows of a request may come to when each is written out by itself. Where rows share something, names of
 * columns or metadata, 10 MB of request would else stand for terabytes of customers.
 */
const MAX_WEIGHT = 268_435_456

/** Puts rows together to chunks: of at least `chunkWeight` bytes when written out, or {@link MAX_SLICE_ROWS}. */
export class ChunkBuilder<Row> {
  private rows: Row[] = []
  private firstRow = 0
  private weight = 0
  private total = 0

  constructor(
    private readonly chunkWeight: number,
    private readonly toContent: (rows: Row[]) => object,
  ) {}

  /** Takes one more row, with the bytes that it takes by itself; gives out the chunk that this makes full. */
  *add(row: Row, weight: number): Generator<PayloadChunk> {
    this.refuseTooMuch(weight)
    this.rows.push(row)
    this.weight += weight
    if (this.weight >= this.chunkWeight || this.rows.length >= MAX_SLICE_ROWS) yield* this.rest()
  }

  /** The last chunk, if anything is left for it. */
  *rest(): Generator<PayloadChunk> {
    const { rows, firstRow } = this
    if (rows.length === 0) return
    this.firstRow += rows.length
    this.rows = []
    this.weight = 0
    const content = new TextEncoder().encode(JSON.stringify(this.toContent(rows)))
    yield { firstRow, rowCount: rows.length, rows: content }
  }

  private refuseTooMuch(weight: number): void {
    if (this.firstRow + this.rows.length >= MAX_ROWS)
      throw invalidPayload(`Payload has more than ${MAX_ROWS} rows`)
    this.total += weight
    if (this.total > MAX_WEIGHT)
      throw invalidPayload(
        `Payload stands for more than ${MAX_WEIGHT} bytes of customers: send it in several requests`,
      )
  }
}
