import { type Instant, type JsonObject } from '../../kernel/index.js'

/** A request was accepted; its rows lie beside the event, cut into chunks. */
export interface AsyncActionScheduled {
  readonly type: 'AsyncActionScheduled'
  readonly data: {
    readonly operation: string
    readonly request_id: string
    readonly row_count: number
    readonly chunk_count: number
    /** What the rows take while they wait, packed; 0 for actions of releases that did not count it. */
    readonly payload_bytes: number
  }
}

/** A worker began with it; one without rows ends at once. */
export interface AsyncActionStarted {
  readonly type: 'AsyncActionStarted'
  readonly data: Record<string, never>
}

/** The rows of one chunk took effect, or were refused, each by itself. Enough to write the report from. */
export interface AsyncActionChunkProcessed {
  readonly type: 'AsyncActionChunkProcessed'
  readonly data: {
    readonly chunk: number
    /** That of the claim under which it was recorded: never less than before. Older releases did not note it. */
    readonly fence?: number
    /** Index of its first row within the request. */
    readonly first_row: number
    readonly row_count: number
    readonly failed_count: number
    /** One per row, in the order of the rows. */
    readonly source_ids: readonly string[]
    /** One letter per row: see {@link OUTCOME_CODES}. */
    readonly outcomes: string
    readonly failures: readonly ReportedFailure[]
  }
}

/** Every row is accounted for. */
export interface AsyncActionCompleted {
  readonly type: 'AsyncActionCompleted'
  readonly data: { readonly reports_available_till: Instant }
}

/** The system could not go on with the action; rows of earlier chunks keep their effect. */
export interface AsyncActionFailed {
  readonly type: 'AsyncActionFailed'
  readonly data: { readonly reason: string; readonly reports_available_till: Instant }
}

export type AsyncActionEvent =
  | AsyncActionScheduled
  | AsyncActionStarted
  | AsyncActionChunkProcessed
  | AsyncActionCompleted
  | AsyncActionFailed

/** A failed row: its place within the chunk and why it failed. */
export interface ReportedFailure {
  readonly row: number
  readonly key: string
  readonly message: string
  readonly details: string
}

const withoutBytes = (data: JsonObject): JsonObject => ({ payload_bytes: 0, ...data })

/** Stored names and their upcasters: none where an event is in its first schema version. */
export const ASYNC_ACTION_EVENT_TYPES = {
  AsyncActionScheduled: [withoutBytes],
  AsyncActionStarted: [],
  AsyncActionChunkProcessed: [],
  AsyncActionCompleted: [],
  AsyncActionFailed: [],
} as const
