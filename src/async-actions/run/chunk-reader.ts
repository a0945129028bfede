import { Injectable } from '@nestjs/common'
import { Database } from '../../database/index.js'
import { parseAlike } from '../../kernel/index.js'
import { type AsyncAction } from '../async-action.repository.js'
import { loadChunk, textOf } from '../schedule/async-action-payload.js'
import {
  type ChunkContext,
  type ChunkHandler,
  ChunkHandlers,
  UnreadablePayloadError,
} from './chunk-handler.js'

/** One chunk of an action, ready to be applied. */
export interface ReadChunk {
  readonly chunk: number
  /** Index of its first row within the request. */
  readonly firstRow: number
  readonly handler: ChunkHandler
  readonly context: ChunkContext
  readonly rows: readonly unknown[]
  /** How many erasures the project had seen when the rows were read. */
  readonly erasures: string
  /** Differs once an erasure rewrote the rows. */
  readonly revision: string
}

/**
 * Fetches the rows of a chunk and makes them ready. Nothing but an erasure changes them, so this may happen before
 * their turn; the {@link ChunkRunner} refuses rows that were read before an erasure.
 */
@Injectable()
export class ChunkReader {
  constructor(
    private readonly database: Database,
    private readonly handlers: ChunkHandlers,
  ) {}

  async read(action: AsyncAction, chunk: number, contended: boolean): Promise<ReadChunk> {
    const { projectId, id, requestId, operation } = action
    const handler = this.handlers.handlerOf(operation)
    const context = { projectId, requestId, asyncActionId: id, contended }
    return this.database.inProject(projectId, async (session) => {
      const stored = await loadChunk(session, projectId, id, chunk)
      if (stored === undefined) throw new UnreadablePayloadError('The stored rows of a chunk are missing.')
      const rows = await handler.prepare(session, context, parse(textOf(stored)))
      const { first_row: firstRow, erasures, revision } = stored
      return { chunk, firstRow, handler, context, rows, erasures, revision }
    })
  }
}

function parse(text: Buffer | undefined): unknown {
  if (text === undefined) throw new UnreadablePayloadError('The stored rows of a chunk cannot be unpacked.')
  try {
    return parseAlike(text)
  } catch {
    throw new UnreadablePayloadError('The stored rows of a chunk are not JSON.')
  }
}
