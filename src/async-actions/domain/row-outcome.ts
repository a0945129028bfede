import { type RowOutcome } from '../../kernel/index.js'
import { type AsyncActionChunkProcessed } from './async-action.events.js'

/** One letter per row keeps an event of thousands of outcomes small. */
export const OUTCOME_CODES = {
  upserted: 'u',
  changed: 'c',
  unchanged: 'n',
  failedFound: 'F',
  failedUnknown: 'f',
} as const

type ChunkData = AsyncActionChunkProcessed['data']

/** The outcomes of a chunk as its event stores them. */
export function packOutcomes(chunk: number, firstRow: number, outcomes: readonly RowOutcome[]): ChunkData {
  const failures = outcomes.flatMap(({ failure }, row) => (failure ? [{ row, ...failure }] : []))
  return {
    chunk,
    first_row: firstRow,
    row_count: outcomes.length,
    failed_count: failures.length,
    source_ids: outcomes.map(({ sourceId }) => sourceId),
    outcomes: outcomes.map(codeOf).join(''),
    failures,
  }
}

/** The outcomes that an event stores. */
export function unpackOutcomes({ source_ids, outcomes, failures }: ChunkData): RowOutcome[] {
  const failureOf = new Map(failures.map(({ row, ...failure }) => [row, failure]))
  return source_ids.map((sourceId, row) => {
    const code = outcomes[row]
    const failure = failureOf.get(row)
    return {
      sourceId,
      found:
        code === OUTCOME_CODES.changed ||
        code === OUTCOME_CODES.unchanged ||
        code === OUTCOME_CODES.failedFound,
      updated: code === OUTCOME_CODES.upserted || code === OUTCOME_CODES.changed,
      ...(failure && { failure }),
    }
  })
}

function codeOf({ found, updated, failure }: RowOutcome): string {
  if (failure) return found ? OUTCOME_CODES.failedFound : OUTCOME_CODES.failedUnknown
  if (!found) return OUTCOME_CODES.upserted
  return updated ? OUTCOME_CODES.changed : OUTCOME_CODES.unchanged
}
