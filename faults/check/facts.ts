import { type Write } from '../load/history.js'
import { type Admin } from '../stage/admin.js'
import { type Project } from '../stage/stage.js'

export interface ActionRow {
  readonly id: string
  readonly position: string
  readonly status: string
  readonly row_count: number
  readonly rows_done: number
  readonly rows_failed: number
}

export interface EventRow {
  readonly stream_id: string
  readonly version: number
  readonly type: string
  readonly data: unknown
  readonly causation_id: string
  readonly append_position: string
}

export interface CustomerRow {
  readonly id: string
  readonly source_id: string | null
  readonly version: number
  readonly document: object
}

/** What the tables of one project say at the end. */
export interface Facts {
  readonly project: Project
  /** In the order of their turns. */
  readonly actions: readonly ActionRow[]
  /** Stream by stream, in the order of their versions. */
  readonly events: readonly EventRow[]
  readonly customers: readonly CustomerRow[]
  readonly total: number
}

export async function readFacts(admin: Admin, project: Project): Promise<Facts> {
  const { projectId } = project
  const [counter] = await admin.rows<{ customers: string }>(
    'SELECT customers FROM customer_counters WHERE project_id = $1',
    [projectId],
  )
  return {
    project,
    actions: await admin.rows<ActionRow>(
      `SELECT id, position, status, row_count, rows_done, rows_failed FROM async_actions
       WHERE project_id = $1 ORDER BY position`,
      [projectId],
    ),
    events: await admin.rows<EventRow>(
      `SELECT stream_id, version, type, data::json, a.causation_id, append_position FROM events
       JOIN appends a ON a.project_id = events.project_id AND position = append_position
       WHERE events.project_id = $1 ORDER BY stream_id, version`,
      [projectId],
    ),
    customers: await admin.rows<CustomerRow>(
      'SELECT id, source_id, version, document::json FROM customers WHERE project_id = $1',
      [projectId],
    ),
    total: Number(counter?.customers ?? 0),
  }
}

/** An event of a customer, and who wrote it: each write gives a name of its own. */
export interface Effect {
  readonly streamId: string
  readonly stamp: string
  /** The write that the stamp names, and the row of it. */
  readonly write: string
  readonly row: number
  readonly isNew: boolean
  readonly causationId: string
}

interface NamingData {
  readonly attributes?: { readonly name?: string }
  readonly changes?: { readonly name?: string }
}

/** The effects on customers, stream by stream, in the order of their versions. */
export function effectsOf({ events }: Facts): Effect[] {
  return events
    .filter(({ stream_id }) => stream_id.startsWith('cust_'))
    .map(({ stream_id: streamId, type, data, causation_id: causationId }) => {
      const { attributes, changes } = data as NamingData
      const stamp = attributes?.name ?? changes?.name ?? ''
      const [write = '', row = '0'] = stamp.split('#')
      return { streamId, stamp, write, row: Number(row), isNew: type === 'CustomerUpserted', causationId }
    })
}

/** When a write was certainly carried out, if that is known. */
export const endOf = (write: Write): number =>
  (write.kind === 'bulk' ? write.endedAt : write.acknowledgedAt) ?? Infinity

/**
 * The first of a sequence that stands before one which had ended when it was not even begun: it is out of order. What
 * was under way at the same time may stand either way.
 */
export function firstInversion<T>(
  sequence: readonly T[],
  began: (item: T) => number,
  ended: (item: T) => number,
): T | undefined {
  let earliestEnd = Infinity
  for (const item of sequence.toReversed()) {
    if (began(item) > earliestEnd) return item
    earliestEnd = Math.min(earliestEnd, ended(item))
  }
  return undefined
}
