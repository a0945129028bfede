import { Injectable, type OnModuleInit } from '@nestjs/common'
import {
  type ChunkContext,
  type ChunkHandler,
  ChunkHandlers,
  type RowOutcome,
} from '../../async-actions/index.js'
import { Settings } from '../../config/index.js'
import { type Session } from '../../database/index.js'
import { type JsonObject, newCustomerId } from '../../kernel/index.js'
import { type CustomerRow, readCustomerRow } from '../domain/customer-row.js'
import { decideRows } from '../domain/decide-rows.js'
import { CustomerClock } from '../store/customer-clock.js'
import { CustomerRepository } from '../store/customer.repository.js'
import { BULK_UPDATE } from './bulk-update.handler.js'

/** What a bulk update does with a chunk: load all its customers, decide row by row, write all. */
@Injectable()
export class BulkUpdateChunkHandler implements ChunkHandler<CustomerRow>, OnModuleInit {
  readonly operation = BULK_UPDATE

  constructor(
    private readonly handlers: ChunkHandlers,
    private readonly customers: CustomerRepository,
    private readonly clock: CustomerClock,
    private readonly settings: Settings,
  ) {}

  onModuleInit(): void {
    this.handlers.register(this)
  }

  /** The envelope was checked when the request was accepted: every row is an object with a `source_id`. */
  read(rows: unknown[]): CustomerRow[] {
    return rows.map((row) => readCustomerRow(row as JsonObject, this.settings))
  }

  async apply(session: Session, context: ChunkContext, rows: readonly CustomerRow[]): Promise<RowOutcome[]> {
    const { projectId, requestId, asyncActionId } = context
    const loaded = await this.customers.load(session, projectId, storableIds(rows))
    const start = await this.clock.allot(projectId, rows.length)
    const { outcomes, changed } = decideRows(rows, loaded, start, newCustomerId)
    const causes = { projectId, correlationId: requestId, causationId: asyncActionId }
    await this.customers.save(session, causes, changed)
    return outcomes
  }

  giveUpOn({ sourceId }: CustomerRow): RowOutcome {
    const failure = {
      key: 'internal_error',
      message: 'Internal error',
      details: 'The system failed on this row; it may be sent again.',
    }
    return { sourceId, found: false, updated: false, failure }
  }
}

/** A `source_id` that PostgreSQL cannot hold names no customer; its row has failed already. */
const storableIds = (rows: readonly CustomerRow[]): string[] => [
  ...new Set(rows.map(({ sourceId }) => sourceId).filter((id) => !id.includes('\0') && id.isWellFormed())),
]
