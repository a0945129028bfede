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
  const named = data.source_ids.map((sourceId) => subject.sourceId !== null && sourceId === subject.sourceId)
  const tells = ({ row, details }: ReportedFailure): boolean =>
    named[row] === true || isNamedIn(details, subject)
  if (!named.includes(true) && !data.failures.some(tells)) return undefined
  return {
    ...data,
    source_ids: data.source_ids.map((sourceId, row) => (named[row] === true ? '' : sourceId)),
    failures: data.failures.map((failure) => (tells(failure) ? { ...failure, details: '' } : failure)),
  }
}

/** How details end when they tell of a row whose id there is not; anything may have been sent for one. */
export const endOfDetails = (sourceId: string): string => ` id ${sourceId}`

/** Texts that may stand in the details of a row that names the subject. */
export const namesInDetails = ({ sourceId, ids }: Subject): string[] => [
  ...ids,
  ...(sourceId === null ? [] : [endOfDetails(sourceId)]),
]

const isNamedIn = (details: string, { sourceId, ids }: Subject): boolean =>
  ids.some((id) => details.includes(id)) || (sourceId !== null && details.endsWith(endOfDetails(sourceId)))
