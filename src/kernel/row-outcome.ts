/** Why a row of a request failed; fields as in the report and in `result.errors`, the words are the caller's to read. */
export interface RowFailure {
  readonly key: string
  readonly message: string
  readonly details: string
}

/** What became of one row of a request. */
export interface RowOutcome {
  readonly sourceId: string
  /** What the row names existed before the row. */
  readonly found: boolean
  /** The row had an effect. */
  readonly updated: boolean
  readonly failure?: RowFailure
}
