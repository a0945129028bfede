import { Injectable } from '@nestjs/common'
import { Database } from '../../database/index.js'
import { type AsyncAction } from '../async-action.repository.js'
import { loadChunk } from '../schedule/async-action-payload.js'
import {
  type ChunkContext,
  type ChunkHandler,
  ChunkHandlers,
  UnreadablePayloadError,
} from './chunk-handler.js'

/** One chunk of an action, ready to be applied. */
export interface ReadChunk {
  readonly chunk: number
  readonly handler: ChunkHandler
  readonly context: ChunkContext
  readonly rows: readonly unknown[]
  /** How many erasures the project had seen when the rows were read. */
  readonly erasures: string
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

  async read({ projectId, id, requestId, operation }: AsyncAction, chunk: number): Promise<ReadChunk> {
    const handler = this.handlers.handlerOf(operation)
    const context = { projectId, requestId, asyncActionId: id }
    return this.database.inProject(projectId, async (session) => {
      const stored = await loadChunk(session, projectId, id, chunk)
      if (stored === undefined) throw new UnreadablePayloadError('The stored rows of a chunk are missing.')
      const rows = await handler.prepare(session, context, parse(stored.rows))
      return { chunk, handler, context, rows, erasures: stored.erasures }
    })
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch {
    throw new UnreadablePayloadError('The stored rows of a chunk are not JSON.')
  }
}
