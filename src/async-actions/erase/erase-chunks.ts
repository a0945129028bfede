import { type Session } from '../../database/index.js'
import { type EventStore } from '../../event-store/index.js'
import { type JsonValue, pack } from '../../kernel/index.js'
import { type AsyncActionChunkProcessed } from '../domain/async-action.events.js'
import { eraseOutcomes, type Subject } from '../domain/erase-outcomes.js'
import { rewriteSegment } from '../report/async-action-report.projection.js'
import { textOf, type WaitingRows } from '../schedule/async-action-payload.js'
import { type ChunkPlace } from './find-traces.js'
import { type PayloadErasers } from './payload-erasers.js'

/** Scheduled, started, then the chunks, one event each, strictly in turn: chunk 0 is event 3. */
const EVENTS_BEFORE_CHUNKS = 2

const LOAD_PAYLOAD = `
  SELECT payload.rows, payload.packed, action.type AS operation
  FROM async_action_payloads payload JOIN async_actions action
    ON action.project_id = payload.project_id AND action.id = payload.async_action_id
  WHERE payload.project_id = $1 AND payload.async_action_id = $2 AND payload.chunk = $3`

/** What is left of rows that nobody can read. */
const UNREADABLE = 'null'

/**
 * Chunks take effect in turn: those before the next one have. Few have rows, so each action is looked up by its key.
 */
const REMOVE_CARRIED_OUT = `
  DELETE FROM async_action_payloads payload WHERE payload.project_id = $1 AND payload.chunk < (
    SELECT next_chunk FROM async_actions WHERE project_id = $1 AND id = payload.async_action_id LIMIT 1)`

const REWRITE_PAYLOAD = `
  UPDATE async_action_payloads SET rows = DEFAULT, packed = $4
  WHERE project_id = $1 AND async_action_id = $2 AND chunk = $3`

/** Takes a subject out of a chunk's outcomes: out of their event, and out of what is shown of it. */
export async function eraseFromOutcomes(
  session: Session,
  events: EventStore,
  projectId: string,
  { asyncActionId, chunk }: ChunkPlace,
  subject: Subject,
): Promise<number> {
  const behind = EVENTS_BEFORE_CHUNKS + chunk
  const [event] = await events.readStreamPart(session, projectId, asyncActionId, { behind, limit: 1 })
  const data = event?.data as unknown as AsyncActionChunkProcessed['data'] | undefined
  if (event === undefined || data?.chunk !== chunk) throw new Error(`${asyncActionId} has no chunk ${chunk}.`)
  const erased = eraseOutcomes(data, subject)
  if (erased === undefined) return 0
  const { type, version } = event
  await rewriteSegment(session, projectId, asyncActionId, erased)
  return events.erase(session, projectId, { streamId: asyncActionId, type, version, data: erased })
}

/** What a stored chunk is to be without the subject; undefined when it does not name it, or is not there any more. */
export async function findErasedPayload(
  session: Session,
  erasers: PayloadErasers,
  projectId: string,
  { asyncActionId, chunk }: ChunkPlace,
  subject: Subject,
): Promise<string | undefined> {
  const place = [projectId, asyncActionId, chunk]
  const row = await session.row<WaitingRows & { operation: string }>(LOAD_PAYLOAD, place)
  if (row === undefined) return undefined
  const text = textOf(row)?.toString()
  // Nobody can tell who is in rows that cannot be read, and nobody can carry them out.
  if (text === undefined) return UNREADABLE
  if (!mayName(text, subject)) return undefined
  const content = parse(text)
  return content === undefined ? UNREADABLE : erasers.eraserOf(row.operation)({ text, content }, subject)
}

/**
 * Whether it is worth to parse: that costs more than unpacking and looking together. Clients may write any character as
 * an escape, so a chunk with a backslash has to be looked at more closely.
 */
const mayName = (text: string, { sourceId, ids }: Subject): boolean =>
  (sourceId !== null && text.includes(sourceId)) || text.includes('\\') || ids.some((id) => text.includes(id))

/**
 * Removes rows that were carried out and that nobody needs any more, because not all that made a subject name it: one
 * without a `source_id` comes from rows in which nothing leads to it.
 */
export async function removeCarriedOut(session: Session, projectId: string): Promise<void> {
  await session.execute(REMOVE_CARRIED_OUT, [projectId])
}

/** Takes a subject out of a stored chunk. */
export async function eraseFromPayload(
  session: Session,
  erasers: PayloadErasers,
  projectId: string,
  place: ChunkPlace,
  subject: Subject,
): Promise<void> {
  const rows = await findErasedPayload(session, erasers, projectId, place, subject)
  if (rows === undefined) return
  await session.execute(REWRITE_PAYLOAD, [
    projectId,
    place.asyncActionId,
    place.chunk,
    pack(Buffer.from(rows)),
  ])
}

/** Undefined when it is no JSON: a worker could not read it either, and the error's text would quote from it. */
function parse(rows: string): JsonValue | undefined {
  try {
    return JSON.parse(rows) as JsonValue
  } catch {
    return undefined
  }
}
