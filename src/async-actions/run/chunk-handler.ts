import { Injectable } from '@nestjs/common'
import { type Session } from '../../database/index.js'
import { type RequestContext, type RowOutcome } from '../../kernel/index.js'

/** On whose behalf and as part of what a chunk is handled. */
export interface ChunkContext extends RequestContext {
  readonly asyncActionId: string
  /** The chunk lost to other writers before: what it changes is to be locked first, or it may lose for ever. */
  readonly contended: boolean
}

/** What came of a chunk whose transaction is still open. */
export interface AppliedChunk {
  /** One per row, in the order of the rows. */
  readonly outcomes: RowOutcome[]
  /**
   * Writes what other chunks write too, such as counters. Called when the chunk before holds the lane, after which
   * that one asks for nothing of this kind any more: a row that was locked sooner would make the earlier chunk wait
   * for the later one, which waits for it. Sends its statements at once.
   */
  readonly settle: (session: Session) => Promise<void>
}

/**
 * What one kind of asynchronous action does with its rows. The runner owns the transactions, the order and the
 * bookkeeping; a handler owns the meaning.
 */
export interface ChunkHandler<Row = unknown> {
  /** The action's type on the wire, such as `CUSTOMERS.BULK_UPDATE`. */
  readonly operation: string

  /**
   * Makes rows ready, without effect on what they name: it happens ahead, while chunks before are being written,
   * and again when a chunk is repeated. `content` is the stored chunk, as the operation cut it; the session's
   * transaction is that in which it was fetched, and may be ended here. Throws an {@link UnreadablePayloadError} when it
   * is not what the operation stores.
   */
  prepare(session: Session, context: ChunkContext, content: unknown): Promise<Row[]>

  /** Names what the rows touch. Chunks that share a key are never worked on at the same time. */
  keysOf(rows: readonly Row[]): Iterable<string>

  /** Applies rows inside the chunk's transaction. Throws only when all of it must be rolled back. */
  apply(session: Session, context: ChunkContext, rows: readonly Row[]): Promise<AppliedChunk>

  /** The outcome of a row that cannot be applied because the system itself fails on it. */
  giveUpOn(session: Session, context: ChunkContext, row: Row): Promise<RowOutcome>
}

/** The stored rows are missing or cannot be read: no retry will change that. */
export class UnreadablePayloadError extends Error {}

/** Every operation has exactly one handler, registered by the module that owns it. */
@Injectable()
export class ChunkHandlers {
  private readonly handlers = new Map<string, ChunkHandler>()

  register<Row>(handler: ChunkHandler<Row>): void {
    if (this.handlers.has(handler.operation)) throw new Error(`${handler.operation} has two chunk handlers.`)
    this.handlers.set(handler.operation, handler)
  }

  /** What this process can do: actions of other types are left to processes that know them. */
  get operations(): string[] {
    return [...this.handlers.keys()]
  }

  handlerOf(operation: string): ChunkHandler {
    const handler = this.handlers.get(operation)
    if (handler === undefined) throw new Error(`No chunk handler is registered for ${operation}.`)
    return handler
  }
}
