import { Injectable, Logger, type OnModuleInit } from '@nestjs/common'
import {
  type AppliedChunk,
  type ChunkContext,
  type ChunkHandler,
  ChunkHandlers,
} from '../../async-actions/index.js'
import { type Session } from '../../database/index.js'
import { isJsonObject, newCustomerId, type RowOutcome } from '../../kernel/index.js'
import { type CustomerRow } from '../domain/customer-row.js'
import { ERASED, erasedRow } from '../domain/erased.js'
import { decideRows, type LoadedCustomers, type TimedRow } from '../domain/decide-rows.js'
import { allotInstants } from '../store/customer-clock.js'
import { CustomerRepository } from '../store/customer.repository.js'
import { type CustomerWrites } from '../store/customer-writes.js'

const GIVEN_UP = {
  key: 'internal_error',
  message: 'Internal error',
  details: 'The system failed on this row; it may be sent again.',
}

/** A row that is ready to be applied. */
export type PreparedRow = TimedRow & {
  /** The `source_id` of the customer that the row names by our id; it never changes. */
  readonly knownAs?: string
}

/** What was decided on a chunk, and is yet to be sent. */
interface DecidedChunk {
  readonly outcomes: RowOutcome[]
  readonly writes: CustomerWrites
}

/** The items of a stored chunk, and how one of them is read. Those that were erased are not given to `read`. */
export interface StoredRows {
  readonly items: readonly unknown[]
  readonly read: (item: unknown) => CustomerRow
}

/**
 * What every operation on many customers does with a chunk: load all its customers, decide row by row, write all.
 * An operation says how its stored chunks are read into rows.
 */
@Injectable()
export abstract class CustomerChunkHandler implements ChunkHandler<PreparedRow>, OnModuleInit {
  abstract readonly operation: string
  private readonly logger = new Logger(CustomerChunkHandler.name)

  constructor(
    private readonly handlers: ChunkHandlers,
    private readonly customers: CustomerRepository,
  ) {}

  /** Looks into a stored chunk; throws an `UnreadablePayloadError` when it is not what the operation stores. */
  protected abstract open(content: unknown): StoredRows

  onModuleInit(): void {
    this.handlers.register(this)
  }

  async prepare(session: Session, { projectId }: ChunkContext, content: unknown): Promise<PreparedRow[]> {
    const rows = this.readRows(this.open(content))
    const sourceIds = await this.customers.sourceIdsOf(session, projectId, rows)
    const start = await allotInstants(session, projectId, rows.length)
    return rows.map((row, index) => {
      const timed = Object.assign(row, { occurredAt: start + index })
      const knownAs = row.customerId === undefined ? undefined : sourceIds.get(row.customerId)
      return knownAs === undefined ? timed : Object.assign(timed, { knownAs })
    })
  }

  /**
   * Every name that a row's customer goes by: two chunks may name it differently, and the later one would lock it
   * while it waits for its turn, and the earlier one wait for the lock. Customers that rows do not name are new.
   */
  *keysOf(rows: readonly PreparedRow[]): Iterable<string> {
    for (const { sourceId, customerId, knownAs } of rows) {
      if (sourceId !== '') yield sourceId
      if (customerId !== undefined) yield customerId
      if (knownAs !== undefined) yield knownAs
    }
  }

  async apply(session: Session, context: ChunkContext, rows: readonly PreparedRow[]): Promise<AppliedChunk> {
    const { projectId, contended } = context
    const loaded = await this.customers.loadNamed(session, projectId, rows, contended)
    // Not awaited: rows and customers are let go as soon as what is to be written is bytes.
    return this.write(session, this.decide(context, rows, loaded))
  }

  private decide(context: ChunkContext, rows: readonly PreparedRow[], loaded: LoadedCustomers): DecidedChunk {
    const { projectId, requestId, asyncActionId } = context
    const { outcomes, changed } = decideRows(rows, loaded, newCustomerId)
    const causes = { projectId, correlationId: requestId, causationId: asyncActionId }
    return { outcomes, writes: this.customers.writeOut(causes, changed) }
  }

  private async write(session: Session, { outcomes, writes }: DecidedChunk): Promise<AppliedChunk> {
    await writes.send(session)
    return { outcomes, settle: (session) => writes.addToTotal(session) }
  }

  private readRows({ items, read }: StoredRows): CustomerRow[] {
    return items.map((item) => {
      if (item === ERASED) return erasedRow()
      try {
        return read(item)
      } catch (error) {
        // Whatever is wrong with one row must not be the fate of all others.
        this.logger.error(`A row cannot be read: ${String(error)}`)
        return { sourceId: sourceIdOf(item), failure: GIVEN_UP }
      }
    })
  }

  async giveUpOn(session: Session, { projectId }: ChunkContext, row: PreparedRow): Promise<RowOutcome> {
    const loaded = await this.customers.loadNamed(session, projectId, [row])
    const { sourceId, customerId, occurredAt, failure = GIVEN_UP } = row
    const failed = { sourceId, ...(customerId !== undefined && { customerId }), occurredAt, failure }
    const [outcome] = decideRows([failed], loaded, newCustomerId).outcomes
    if (outcome === undefined) throw new Error('A row has one outcome.')
    return outcome
  }
}

function sourceIdOf(item: unknown): string {
  const named = isJsonObject(item) ? item['source_id'] : item
  return typeof named === 'string' ? named : ''
}
