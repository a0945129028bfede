import { type AsyncActionChunkProcessed, type ReportedFailure } from './async-action.events.js'

/** Someone who is to be forgotten, by all that rows may call them. */
export interface Subject {
  /** Your id; null when the subject never had one, or when somebody else has it now. */
  readonly sourceId: string | null
  /** Our ids. */
  readonly ids: readonly string[]
}

type ChunkData = AsyncActionChunkProcessed['data']

/**
 * The outcomes of a chunk without those who are to be forgotten: their rows keep their place and their outcome, and
 * say no longer whose they are. Undefined when no row names them.
 */
export function eraseOutcomes(data: ChunkData, subject: Subject): ChunkData | undefined {
  const rows = new Set([...rowsOf(data, subject), ...failuresNaming(data, subject)])
  if (rows.size === 0) return undefined
  return {
    ...data,
    source_ids: data.source_ids.map((sourceId, row) => (rows.has(row) ? '' : sourceId)),
    failures: data.failures.map((failure) => (rows.has(failure.row) ? { ...failure, details: '' } : failure)),
  }
}

const rowsOf = ({ source_ids }: ChunkData, { sourceId }: Subject): number[] =>
  sourceId === null ? [] : source_ids.flatMap((named, row) => (named === sourceId ? [row] : []))

const failuresNaming = ({ failures }: ChunkData, { ids }: Subject): number[] =>
  failures
    .filter(({ details }: ReportedFailure) => ids.some((id) => details.includes(id)))
    .map(({ row }) => row)
