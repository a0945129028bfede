import { Injectable, type OnModuleInit } from '@nestjs/common'
import {
  type AppliedChunk,
  type ChunkContext,
  type ChunkHandler,
  ChunkHandlers,
} from '../../async-actions/index.js'
import { type Session } from '../../database/index.js'
import { newCustomerId, type RowOutcome } from '../../kernel/index.js'
import { type CustomerRow } from '../domain/customer-row.js'
import { decideRows, type LoadedCustomers, type TimedRow } from '../domain/decide-rows.js'
import { allotInstants } from '../store/customer-clock.js'
import { CustomerRepository } from '../store/customer.repository.js'

const GIVEN_UP = {
  key: 'internal_error',
  message: 'Internal error',
  details: 'The system failed on this row; it may be sent again.',
}

/**
 * What every operation on many customers does with a chunk: load all its customers, decide row by row, write all.
 * An operation says how its stored chunks are read into rows.
 */
@Injectable()
export abstract class CustomerChunkHandler implements ChunkHandler<TimedRow>, OnModuleInit {
  abstract readonly operation: string

  constructor(
    private readonly handlers: ChunkHandlers,
    private readonly customers: CustomerRepository,
  ) {}

  /** The rows of a stored chunk; throws an `UnreadablePayloadError` when it is not what the operation stores. */
  protected abstract readRows(content: unknown): CustomerRow[]

  onModuleInit(): void {
    this.handlers.register(this)
  }

  async prepare(session: Session, { projectId }: ChunkContext, content: unknown): Promise<TimedRow[]> {
    const rows = this.readRows(content)
    const start = await allotInstants(session, projectId, rows.length)
    return rows.map((row, index) => Object.assign(row, { occurredAt: start + index }))
  }

  keysOf(rows: readonly TimedRow[]): Iterable<string> {
    return rows.map(({ sourceId }) => sourceId)
  }

  async apply(session: Session, context: ChunkContext, rows: readonly TimedRow[]): Promise<AppliedChunk> {
    const { projectId, requestId, asyncActionId } = context
    const loaded = await this.load(session, projectId, rows)
    const { outcomes, changed } = decideRows(rows, loaded, newCustomerId)
    const causes = { projectId, correlationId: requestId, causationId: asyncActionId }
    await this.customers.save(session, causes, changed)
    return { outcomes, settle: (session) => this.customers.addToTotal(session, projectId, changed) }
  }

  async giveUpOn(session: Session, { projectId }: ChunkContext, row: TimedRow): Promise<RowOutcome> {
    const loaded = await this.load(session, projectId, [row])
    const { sourceId, customerId, occurredAt, failure = GIVEN_UP } = row
    const failed = { sourceId, ...(customerId !== undefined && { customerId }), occurredAt, failure }
    const [outcome] = decideRows([failed], loaded, newCustomerId).outcomes
    if (outcome === undefined) throw new Error('A row has one outcome.')
    return outcome
  }

  private async load(
    session: Session,
    projectId: string,
    rows: readonly CustomerRow[],
  ): Promise<LoadedCustomers> {
    return {
      bySourceId: await this.customers.load(
        session,
        projectId,
        distinct(rows, ({ sourceId }) => sourceId),
      ),
      byId: await this.customers.loadById(
        session,
        projectId,
        distinct(rows, ({ customerId }) => customerId),
      ),
    }
  }
}

/** What PostgreSQL cannot hold names no customer; such a row has failed already. */
const distinct = (
  rows: readonly CustomerRow[],
  keyOf: (row: CustomerRow) => string | undefined,
): string[] => [
  ...new Set(rows.map(keyOf).filter((key) => key !== undefined && key !== '' && isStorable(key)) as string[]),
]

const isStorable = (text: string): boolean => !text.includes('\0') && text.isWellFormed()
