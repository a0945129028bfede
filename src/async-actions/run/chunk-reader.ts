import { Injectable } from '@nestjs/common'
import { Database } from '../../database/index.js'
import { type AsyncAction } from '../async-action.repository.js'
import { loadChunk } from '../schedule/async-action-payload.js'
import { ChunkHandlers } from './chunk-handler.js'
import { type ReadChunk } from './chunk-runner.js'

/** The stored rows are missing or cannot be read: no retry will change that. */
export class UnreadablePayloadError extends Error {}

/** Fetches and reads the rows of a chunk; they never change, so this may happen before the chunk's turn. */
@Injectable()
export class ChunkReader {
  constructor(
    private readonly database: Database,
    private readonly handlers: ChunkHandlers,
  ) {}

  async read({ projectId, id, operation }: AsyncAction, chunk: number): Promise<ReadChunk> {
    const handler = this.handlers.handlerOf(operation)
    const text = await this.database.inProject(projectId, (session) =>
      loadChunk(session, projectId, id, chunk),
    )
    return { chunk, handler, rows: handler.read(parseRows(text)) }
  }
}

function parseRows(text: string | undefined): unknown[] {
  try {
    const rows: unknown = JSON.parse(text ?? '')
    if (Array.isArray(rows)) return rows
  } catch {
    // Falls through to the one error that says what it means.
  }
  throw new UnreadablePayloadError('The stored rows of a chunk are missing or not a JSON array.')
}
