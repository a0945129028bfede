import { type Instant, type JsonObject } from '../kernel/index.js'

/** An event as a module gives it to the store. */
export interface NewEvent {
  /** Stored name, past tense. */
  readonly type: string
  readonly data: object
  readonly occurredAt: Instant
}

/** Numbers of 32 bits under which an event's stream shall be found; what is undefined is none. */
export type KeysOf<Event> = (event: Event) => readonly (number | undefined)[]

/** Events that continue one stream. */
export interface StreamEvents<Event extends NewEvent = NewEvent> {
  readonly streamId: string
  /** The version that the events were decided on; 0 when the stream is new. */
  readonly expectedVersion: number
  readonly events: readonly Event[]
}

/** Who and what caused events that are appended together. */
export interface EventContext {
  readonly projectId: string
  /** Shared by everything that one request caused. */
  readonly correlationId: string
  /** The id of what directly caused the events. */
  readonly causationId: string
}

/** An event as the store gives it back, its data in the current shape. */
export interface RecordedEvent {
  readonly projectId: string
  readonly streamId: string
  readonly version: number
  readonly type: string
  readonly data: JsonObject
  readonly correlationId: string | null
  readonly causationId: string | null
  readonly occurredAt: Instant
  /** With `appendPosition` the place in the log of the append that the event is part of. */
  readonly transactionId: string
  readonly appendPosition: string
}
