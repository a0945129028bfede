import { type Row, type Session } from '../../database/index.js'
import { namesInDetails, type Subject } from '../domain/erase-outcomes.js'
import { partOfCell, sourceIdCell } from '../report/csv.js'

/** One chunk of an action. */
export interface ChunkPlace {
  readonly asyncActionId: string
  readonly chunk: number
}

/** Which actions may still get new chunks, or are new, since a moment. */
export interface Horizon {
  readonly openActions: readonly string[]
  /** When the newest action was scheduled, as PostgreSQL writes it. */
  readonly newestScheduled: string
}

/** Chunks looked at in one statement: their reports are read from disk, some tens of megabytes. */
const PAGE = 200

const HORIZON = `
  SELECT coalesce(array_agg(id) FILTER (WHERE finished_at IS NULL), '{}') AS open,
    coalesce((SELECT max(created_at) FROM async_actions WHERE project_id = $1), '-infinity')::text AS newest
  FROM async_actions WHERE project_id = $1 AND finished_at IS NULL`

/** Times of scheduling rise from action to action in the order of their commits: see the acceptance lock. */
const SINCE = `
  SELECT id, created_at > $2::timestamptz AS is_new FROM async_actions
  WHERE project_id = $1 AND (created_at > $2::timestamptz OR id = ANY ($3))`

/** `cell` is the subject's and the comma behind it: lines begin with it, which excludes most others. */
const NAMES_SUBJECT = (cell: string, otherNames: string): string => `
  coalesce(starts_with(csv, ${cell}) OR strpos(csv, E'\\r\\n' || ${cell}) > 0, false)
    OR EXISTS (SELECT FROM unnest(${otherNames}::text[]) AS other (name) WHERE strpos(csv, other.name) > 0)`

/** Rows that wait are packed: whom they name, PostgreSQL cannot tell. */
const MAY_NAME_ANYBODY = 'true'

const PAGE_OF = (table: string, condition: string): string => `
  SELECT async_action_id, chunk, (${condition}) AS named FROM ${table}
  WHERE project_id = $1 AND (async_action_id, chunk) > ($2, $3)
  ORDER BY async_action_id, chunk LIMIT ${PAGE}`

const OF_ACTIONS = (table: string, condition: string): string => `
  SELECT async_action_id, chunk, true AS named FROM ${table}
  WHERE project_id = $1 AND async_action_id = ANY ($2) AND (${condition})`

const PAGES = {
  reports: PAGE_OF('async_action_reports', NAMES_SUBJECT('$4', '$5')),
  payloads: PAGE_OF('async_action_payloads', MAY_NAME_ANYBODY),
}
const PARTS = {
  reports: OF_ACTIONS('async_action_reports', NAMES_SUBJECT('$3', '$4')),
  payloads: OF_ACTIONS('async_action_payloads', MAY_NAME_ANYBODY),
}

export type Kept = keyof typeof PAGES

interface PlaceRow extends Row {
  async_action_id: string
  chunk: number
  named: boolean
}

/** The moment from which on chunks must be looked at once more. */
export async function lookAtHorizon(session: Session, projectId: string): Promise<Horizon> {
  const row = await session.row<Row & { open: string[]; newest: string }>(HORIZON, [projectId])
  return { openActions: row?.open ?? [], newestScheduled: row?.newest ?? '-infinity' }
}

/** A page of what is kept behind a place, with those chunks that (may) name the subject. */
export async function findOnPage(
  session: Session,
  projectId: string,
  kept: Kept,
  subject: Subject,
  { asyncActionId, chunk }: ChunkPlace,
): Promise<{ readonly named: ChunkPlace[]; readonly next: ChunkPlace | undefined }> {
  const page = await session.rows<PlaceRow>(PAGES[kept], [
    projectId,
    asyncActionId,
    chunk,
    ...namesOf(kept, subject),
  ])
  const last = page.at(-1)
  return {
    named: page.filter(({ named }) => named).map(toPlace),
    next: page.length < PAGE || last === undefined ? undefined : toPlace(last),
  }
}

/** The chunks that (may) name the subject of actions that were open at the horizon or are newer. */
export async function findSince(
  session: Session,
  projectId: string,
  subject: Subject,
  { openActions, newestScheduled }: Horizon,
): Promise<Record<Kept, ChunkPlace[]>> {
  const actions = await session.rows<Row & { id: string; is_new: boolean }>(SINCE, [
    projectId,
    newestScheduled,
    openActions,
  ])
  const find = async (kept: Kept, ids: readonly string[]): Promise<ChunkPlace[]> =>
    (await session.rows<PlaceRow>(PARTS[kept], [projectId, ids, ...namesOf(kept, subject)])).map(toPlace)
  return {
    reports: await find(
      'reports',
      actions.map(({ id }) => id),
    ),
    payloads: await find(
      'payloads',
      actions.filter(({ is_new }) => is_new).map(({ id }) => id),
    ),
  }
}

function namesOf(kept: Kept, subject: Subject): unknown[] {
  if (kept === 'payloads') return []
  const { sourceId } = subject
  return [sourceId === null ? null : `${sourceIdCell(sourceId)},`, namesInDetails(subject).map(partOfCell)]
}

const toPlace = ({ async_action_id: asyncActionId, chunk }: PlaceRow): ChunkPlace => ({
  asyncActionId,
  chunk,
})
