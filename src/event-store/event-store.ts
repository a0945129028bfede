import { Injectable } from '@nestjs/common'
import { type Session } from '../database/index.js'
import { appendToStreams, type Pending } from './append-to-streams.js'
import { type AppendingStatement, appendWith } from './append-with.js'
import { type Erasure, eraseEvents } from './erase-events.js'
import { EventTypeRegistry, type EventTypes } from './event-types.js'
import { type LogPosition, readLog } from './read-log.js'
import { listStreams, readStreams, type StreamRange } from './read-streams.js'
import { sortInSearchKeys } from './sort-in-search-keys.js'
import {
  countStream,
  type EventPlace,
  listStream,
  readStream,
  readStreamPart,
  type StreamFilter,
  type StreamSlice,
} from './read-stream.js'
import {
  type EventContext,
  type KeysOf,
  type NewEvent,
  type RecordedEvent,
  type StreamEvents,
} from './recorded-event.js'

const withoutKeys = (): [] => []

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
  append(session: Session, context: EventContext, streams: readonly StreamEvents[]): Promise<void> {
    return this.appending(context, streams, withoutKeys)(session)
  }

  /** {@link append} in two steps, for events by the thousand: written out now, sent when the result is called. */
  appending<Event extends NewEvent>(
    context: EventContext,
    streams: readonly StreamEvents<Event>[],
    keysOf: KeysOf<Event>,
  ): Pending {
    return appendToStreams(this.types, context, streams, keysOf)
  }

  /** Appends by a statement that also writes what is derived from the events; resolves with how many rows of that. */
  appendWith(session: Session, context: EventContext, statement: AppendingStatement): Promise<number> {
    return appendWith(session, this.types, context, statement)
  }

  /**
   * Sorts in the search keys of events, by which their streams are found. Until then they lie in the index's pending list,
   * which each search reads as a whole, and which the append has to sort in that fills it: decision 19.
   */
  sortInSearchKeys(session: Session): Promise<void> {
    return sortInSearchKeys(session)
  }

  /** The events of one stream, oldest first. */
  readStream(session: Session, projectId: string, streamId: string): Promise<RecordedEvent[]> {
    return readStream(session, this.types, projectId, streamId)
  }

  /** At most `limit` events of one stream behind a version, oldest first: a long stream is read piece by piece. */
  readStreamPart(
    session: Session,
    projectId: string,
    streamId: string,
    part: { readonly behind: number; readonly limit: number },
  ): Promise<RecordedEvent[]> {
    return readStreamPart(session, this.types, projectId, streamId, part)
  }

  /** Where the events of a stream stand that are meant by a slice, without their data. */
  listStream(
    session: Session,
    projectId: string,
    streamId: string,
    slice: StreamSlice,
  ): Promise<EventPlace[]> {
    return listStream(session, projectId, streamId, slice)
  }

  /** How many events of a stream a filter lets through. */
  countStream(session: Session, projectId: string, streamId: string, filter: StreamFilter): Promise<number> {
    return countStream(session, projectId, streamId, filter)
  }

  /**
   * Takes data out of events for ever: the one exception from append-only, for persons who ask to be forgotten. The
   * events stay, with their versions, types, times and causes. Returns how many there were.
   */
  erase(session: Session, projectId: string, erasure: Erasure): Promise<number> {
    return eraseEvents(session, this.types, projectId, erasure)
  }

  /** The events of many streams, stream by stream, each in the order of its versions. */
  readStreams(session: Session, projectId: string, range: StreamRange): AsyncGenerator<RecordedEvent> {
    return readStreams(session, this.types, projectId, range)
  }

  /** At most `limit` ids of streams in a range, in their order. */
  listStreams(session: Session, projectId: string, range: StreamRange, limit: number): Promise<string[]> {
    return listStreams(session, projectId, range, limit)
  }

  /** The events of the next appends of all projects after a position, at most `limit` appends, in commit-safe order. */
  readLog(session: Session, after: LogPosition, limit: number): Promise<RecordedEvent[]> {
    return readLog(session, this.types, after, limit)
  }
}
