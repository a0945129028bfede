import { type Session } from '../database/index.js'
import { type RecordedEvent } from '../event-store/index.js'

/** A table that follows from events, and so can be made from them again. */
export interface ProjectedTable {
  readonly name: string
  /** The column that names the stream a row follows from. */
  readonly stream: string
  /** The columns that follow from its events. All others are the machinery's own, and stay as they are. */
  readonly columns: readonly string[]
  /** Rows that are put back are put back in this order; those of the newest streams first unless told otherwise. */
  readonly order?: string
}

/** Tables that follow from the streams of one kind, each row from one stream. */
export interface Projection {
  /** What its streams' ids begin with. */
  readonly prefix: string
  readonly tables: readonly ProjectedTable[]
  /**
   * Writes what follows from events, which come stream by stream and version by version, as if they happened now, into
   * tables that are empty.
   */
  replay(session: Session, projectId: string, events: AsyncIterable<RecordedEvent>): Promise<void>
  /** Keeps everybody from writing into the rows of these streams until the transaction ends. */
  hold(session: Session, projectId: string, streamIds: readonly string[]): Promise<void>
  /** Streams whose rows must be put back together with those of these. */
  companionsOf?(session: Session, projectId: string, streamIds: readonly string[]): Promise<string[]>
}

/** A number that is kept for each project beside the rows it counts. */
export interface Total {
  readonly table: string
  readonly column: string
  /** The table whose rows it counts. */
  readonly counts: string
}
