import { type Row, type Session } from '../database/index.js'
import { type JsonObject } from '../kernel/index.js'
import { type AuditEntry } from './audit-entry.js'

/** Entries that a sweep removes at most; the next one takes the rest. */
const ENTRIES_PER_SWEEP = 10_000

/** An entry as it was kept. */
export interface RecordedAuditEntry extends Row {
  readonly at: Date
  readonly project_id: string
  readonly act: string
  readonly client: string
  readonly subject: string
  readonly request_id: string | null
  readonly details: JsonObject | null
}

/** Which entries are asked for. */
export interface AuditFilter {
  readonly projectId?: string | undefined
  readonly since?: Date | undefined
  /** The newest so many. */
  readonly limit: number
}

const READ = `
  SELECT at, project_id, act, client, subject, request_id, details FROM (
    SELECT * FROM audit_log WHERE ($1::uuid IS NULL OR project_id = $1) AND ($2::timestamptz IS NULL OR at >= $2)
    ORDER BY at DESC, position DESC LIMIT $3) newest
  ORDER BY at, position`

/** One at a time: others would only wait for the same rows. The number is any of our own. */
const TURN = 'SELECT pg_try_advisory_xact_lock(7655003) AS mine'

const REMOVE = `
  DELETE FROM audit_log WHERE ctid = ANY (ARRAY(
    SELECT ctid FROM audit_log WHERE at < now() - make_interval(days => $1)
    ORDER BY at LIMIT ${ENTRIES_PER_SWEEP}))`

const INSERT = `
  INSERT INTO audit_log (project_id, act, client, subject, request_id, details) VALUES ($1, $2, $3, $4, $5, $6)`

const parametersOf = (entry: AuditEntry): unknown[] => {
  const { projectId, act, client, subject, requestId = null, details } = entry
  return [projectId, act, client, subject, requestId, details === undefined ? null : JSON.stringify(details)]
}

/** Commits with what the entry is about, or not at all. */
export async function recordAudit(session: Session, entry: AuditEntry): Promise<void> {
  await session.execute(INSERT, parametersOf(entry))
}

/** What runs statements in a transaction of TypeORM's. */
interface Manager {
  query(sql: string, parameters: unknown[]): Promise<unknown>
}

/** The same in a transaction of TypeORM's. */
export async function recordAuditBy(manager: Manager, entry: AuditEntry): Promise<void> {
  await manager.query(INSERT, parametersOf(entry))
}

/** The newest entries, in the order in which they were made. */
export const readAudit = (
  session: Session,
  { projectId, since, limit }: AuditFilter,
): Promise<RecordedAuditEntry[]> =>
  session.rows<RecordedAuditEntry>(READ, [projectId ?? null, since ?? null, limit])

/** Removes entries that are older than so many days; PostgreSQL keeps younger ones than 90 whatever is asked. */
export async function removeAudit(session: Session, days: number): Promise<number> {
  const turn = await session.row<Row & { mine: boolean }>(TURN)
  return turn?.mine ? session.execute(REMOVE, [days]) : 0
}
