import { Injectable } from '@nestjs/common'
import { ChunkHandlers, UnreadablePayloadError } from '../../async-actions/index.js'
import { Settings } from '../../config/index.js'
import { type JsonObject } from '../../kernel/index.js'
import { readCustomerRow } from '../domain/customer-row.js'
import { CustomerChunkHandler, type StoredRows } from '../rows/customer.chunk-handler.js'
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

  /** The envelope was checked on acceptance: every item is an object with a `source_id`. */
  protected open(content: unknown): StoredRows {
    if (!Array.isArray(content)) throw new UnreadablePayloadError('The stored rows are not an array.')
    return { items: content, read: (item) => readCustomerRow(item as JsonObject, this.settings) }
  }
}
