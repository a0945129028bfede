import { Injectable } from '@nestjs/common'
import { type Session } from '../database/index.js'
import { appendToStreams } from './append-to-streams.js'
import { EventTypeRegistry, type EventTypes } from './event-types.js'
import { type LogPosition, readLog } from './read-log.js'
import { readStream } from './read-stream.js'
import { type EventContext, type RecordedEvent, type StreamAppend } from './recorded-event.js'

/**
 * The append-only log of everything that happened. All of it runs inside the caller's transaction, so that
 * events commit together with what is derived from them, or not at all.
 */
@Injectable()
export class EventStore {
  private readonly types = new EventTypeRegistry()

  /** To be called once by each module, at start, for the events it owns. */
  register(types: EventTypes): void {
    this.types.register(types)
  }

  /**
   * Appends to any number of streams at once. Every stream must stand at its expected version (0: not there
   * yet); otherwise a {@link VersionConflictError} is thrown and the transaction must be rolled back.
   */
  append(session: Session, context: EventContext, appends: readonly StreamAppend[]): Promise<void> {
    return appendToStreams(session, this.types, context, appends)
  }

  /** The events of one stream, oldest first. */
  readStream(session: Session, projectId: string, streamId: string): Promise<RecordedEvent[]> {
    return readStream(session, this.types, projectId, streamId)
  }

  /** The next events of all projects after a position, in commit-safe order. */
  readLog(session: Session, after: LogPosition, limit: number): Promise<RecordedEvent[]> {
    return readLog(session, this.types, after, limit)
  }
}
