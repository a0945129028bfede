import { Injectable } from '@nestjs/common'
import { ChunkHandlers, UnreadablePayloadError } from '../../async-actions/index.js'
import { Settings } from '../../config/index.js'
import { isJsonObject } from '../../kernel/index.js'
import { columnOf } from '../domain/csv-columns.js'
import { readCsvRow } from '../domain/csv-row.js'
import { type CustomerRow } from '../domain/customer-row.js'
import { type CsvChunk } from '../payload/cut-csv.js'
import { CustomerChunkHandler, type StoredRows } from '../rows/customer.chunk-handler.js'
import { CustomerRepository } from '../store/customer.repository.js'
import { IMPORT_CSV } from './import-csv.handler.js'

/** A chunk of a CSV file is the names of its columns, and lines as lists of cells. */
@Injectable()
export class ImportCsvChunkHandler extends CustomerChunkHandler {
  readonly operation = IMPORT_CSV

  constructor(
    handlers: ChunkHandlers,
    customers: CustomerRepository,
    private readonly settings: Settings,
  ) {
    super(handlers, customers)
  }

  protected open(content: unknown): StoredRows {
    if (!isCsvChunk(content)) throw new UnreadablePayloadError('The stored rows are no CSV file.')
    const columns = content.columns.map(columnOf)
    const read = (cells: unknown): CustomerRow => readCsvRow(columns, cells as string[], this.settings)
    return { items: content.rows, read }
  }
}

/** The header was checked when the file was accepted. */
const isCsvChunk = (content: unknown): content is CsvChunk =>
  isJsonObject(content) && Array.isArray(content['columns']) && Array.isArray(content['rows'])
