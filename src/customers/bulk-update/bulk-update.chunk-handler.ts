import { Injectable, type OnModuleInit } from '@nestjs/common'
import {
  type AppliedChunk,
  type ChunkContext,
  type ChunkHandler,
  ChunkHandlers,
  type RowOutcome,
} from '../../async-actions/index.js'
import { Settings } from '../../config/index.js'
import { type Session } from '../../database/index.js'
import { type Instant, type JsonObject, newCustomerId } from '../../kernel/index.js'
import { type CustomerRow, readCustomerRow } from '../domain/customer-row.js'
import { decideRows } from '../domain/decide-rows.js'
import { allotInstants } from '../store/customer-clock.js'
import { CustomerRepository } from '../store/customer.repository.js'
import { BULK_UPDATE } from './bulk-update.handler.js'

/** A row with its instant: those of a chunk are consecutive. */
type TimedRow = CustomerRow & { readonly occurredAt: Instant }

const GIVEN_UP = {
  key: 'internal_error',
  message: 'Internal error',
  details: 'The system failed on this row; it may be sent again.',
}

/** What a bulk update does with a chunk: load all its customers, decide row by row, write all. */
@Injectable()
export class BulkUpdateChunkHandler implements ChunkHandler<TimedRow>, OnModuleInit {
  readonly operation = BULK_UPDATE

  constructor(
    private readonly handlers: ChunkHandlers,
    private readonly customers: CustomerRepository,
    private readonly settings: Settings,
  ) {}

  onModuleInit(): void {
    this.handlers.register(this)
  }

  /** The envelope was checked when the request was accepted: every row is an object with a `source_id`. */
  async prepare(session: Session, { projectId }: ChunkContext, items: unknown[]): Promise<TimedRow[]> {
    const rows = items.map((item) => readCustomerRow(item as JsonObject, this.settings))
    const start = await allotInstants(session, projectId, rows.length)
    return rows.map((row, index) => Object.assign(row, { occurredAt: start + index }))
  }

  keysOf(rows: readonly TimedRow[]): Iterable<string> {
    return rows.map(({ sourceId }) => sourceId)
  }

  async apply(session: Session, context: ChunkContext, rows: readonly TimedRow[]): Promise<AppliedChunk> {
    const { projectId, requestId, asyncActionId } = context
    const loaded = await this.customers.load(session, projectId, storableIds(rows))
    const { outcomes, changed } = decideRows(rows, loaded, rows[0]?.occurredAt ?? 0, newCustomerId)
    const causes = { projectId, correlationId: requestId, causationId: asyncActionId }
    await this.customers.save(session, causes, changed)
    return { outcomes, settle: (session) => this.customers.count(session, projectId, changed) }
  }

  async giveUpOn(session: Session, { projectId }: ChunkContext, row: TimedRow): Promise<RowOutcome> {
    const loaded = await this.customers.load(session, projectId, storableIds([row]))
    return {
      sourceId: row.sourceId,
      found: loaded.has(row.sourceId),
      updated: false,
      failure: row.failure ?? GIVEN_UP,
    }
  }
}

/** A `source_id` that PostgreSQL cannot hold names no customer; its row has failed already. */
const storableIds = (rows: readonly CustomerRow[]): string[] => [
  ...new Set(rows.map(({ sourceId }) => sourceId).filter((id) => !id.includes('\0') && id.isWellFormed())),
]
