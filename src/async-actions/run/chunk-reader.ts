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
}

/** Fetches the rows of a chunk and makes them ready; they never change, so this may happen before its turn. */
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
    const rows = await this.database.inProject(projectId, async (session) => {
      const text = await loadChunk(session, projectId, id, chunk)
      return handler.prepare(session, context, parse(text))
    })
    return { chunk, handler, context, rows }
  }
}

function parse(text: string | undefined): unknown {
  if (text === undefined) throw new UnreadablePayloadError('The stored rows of a chunk are missing.')
  try {
    return JSON.parse(text) as unknown
  } catch {
    throw new UnreadablePayloadError('The stored rows of a chunk are not JSON.')
  }
}
