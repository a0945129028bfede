import { Injectable } from '@nestjs/common'
import { type Session } from '../../database/index.js'
import { type RequestContext } from '../../kernel/index.js'
import { type RowOutcome } from '../domain/row-outcome.js'

/** On whose behalf and as part of what a chunk is handled. */
export interface ChunkContext extends RequestContext {
  readonly asyncActionId: string
}

/**
 * What one kind of asynchronous action does with its rows. The runner owns the transaction, the order and the
 * bookkeeping; a handler owns the meaning.
 */
export interface ChunkHandler<Row = unknown> {
  /** The action's type on the wire, such as `CUSTOMERS.BULK_UPDATE`. */
  readonly operation: string

  /** Reads the rows of a chunk. Works without the database: it runs while the chunk before is being written. */
  read(rows: unknown[]): Row[]

  /**
   * Applies rows inside the chunk's transaction and returns one outcome per row, in their order. Throws only
   * when the transaction as a whole must be rolled back.
   */
  apply(session: Session, context: ChunkContext, rows: readonly Row[]): Promise<RowOutcome[]>

  /** The outcome of a row that cannot be applied because the system itself fails on it. */
  giveUpOn(row: Row): RowOutcome
}

/** Every operation has exactly one handler, registered by the module that owns it. */
@Injectable()
export class ChunkHandlers {
  private readonly handlers = new Map<string, ChunkHandler>()

  register<Row>(handler: ChunkHandler<Row>): void {
    if (this.handlers.has(handler.operation)) throw new Error(`${handler.operation} has two chunk handlers.`)
    this.handlers.set(handler.operation, handler)
  }

  handlerOf(operation: string): ChunkHandler {
    const handler = this.handlers.get(operation)
    if (handler === undefined) throw new Error(`No chunk handler is registered for ${operation}.`)
    return handler
  }
}
