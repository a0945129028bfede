import { isUtf8 } from 'node:buffer'
import { type PayloadChunk } from '../../async-actions/index.js'
import { invalidPayload } from '../../kernel/index.js'
import { type CsvColumn } from '../domain/csv-columns.js'
import { ChunkBuilder } from './chunk-builder.js'
import { readCsvHeader } from './csv-header.js'
import { MAX_COLUMNS } from './csv-header.js'
import { type CutLimits } from './cutters.js'
import { type CsvRecord, scanCsv } from './scan-csv.js'

/** What a stored chunk of a CSV file is: the names of the columns as they stand in the file, and cells. */
export interface CsvChunk {
  readonly columns: readonly string[]
  readonly rows: readonly (readonly string[])[]
}

/**
 * Checks a CSV file and cuts it into chunks, each with the names of its columns. Throws the 400 that names what is
 * wrong with file or header, and where. A line that is too short or too long is that row's own fate, later.
 */
export function* cutCsv(
  bytes: Uint8Array,
  { chunkBytes, maxStringLength }: CutLimits,
): Generator<PayloadChunk> {
  if (!isUtf8(bytes)) throw invalidPayload('The file is not valid UTF-8')
  const records = scanCsv(bytes, MAX_COLUMNS + 1)
  const header = records.next()
  if (header.done === true) throw invalidPayload('The file is empty; its first line must name the columns')
  const names = header.value.cells
  const columns = readCsvHeader(names, maxStringLength)
  const toContent = (rows: (readonly string[])[]): CsvChunk => ({ columns: names, rows })
  // A chunk has no less rows than names, in bytes: the names are stored with each.
  const builder = new ChunkBuilder(Math.max(chunkBytes, header.value.size), toContent)
  for (const record of records) {
    // One cell too many tells as much as a million.
    yield* builder.add(record.cells.slice(0, columns.length + 1), weightOf(record, columns))
  }
  yield* builder.rest()
}

/** As in the customer that it makes: with the name of each key of metadata. */
function weightOf({ cells, size }: CsvRecord, columns: readonly CsvColumn[]): number {
  let weight = size
  columns.forEach((column, index) => {
    if (column.kind === 'metadata' && cells[index] !== undefined && cells[index] !== '')
      weight += column.name.length
  })
  return weight
}
