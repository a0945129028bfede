import { Injectable } from '@nestjs/common'
import { ChunkHandlers, UnreadablePayloadError } from '../../async-actions/index.js'
import { Settings } from '../../config/index.js'
import { type JsonObject } from '../../kernel/index.js'
import { ERASED, erasedRow } from '../domain/erased.js'
import { type CustomerRow, readCustomerRow } from '../domain/customer-row.js'
import { CustomerChunkHandler } from '../rows/customer.chunk-handler.js'
import { CustomerRepository } from '../store/customer.repository.js'
import { BULK_UPDATE } from './bulk-update.handler.js'

/** A chunk of a bulk update is an array of customers, just as they were sent. */
@Injectable()
export class BulkUpdateChunkHandler extends CustomerChunkHandler {
  readonly operation = BULK_UPDATE

  constructor(
    handlers: ChunkHandlers,
    customers: CustomerRepository,
    private readonly settings: Settings,
  ) {
    super(handlers, customers)
  }

  /** The envelope was checked on acceptance: every row is an object with a `source_id`, unless it was erased since. */
  protected readRows(content: unknown): CustomerRow[] {
    if (!Array.isArray(content)) throw new UnreadablePayloadError('The stored rows are not an array.')
    return content.map((item) =>
      item === ERASED ? erasedRow() : readCustomerRow(item as JsonObject, this.settings),
    )
  }
}
