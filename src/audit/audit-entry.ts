import { type JsonObject } from '../kernel/index.js'

/**
 * What an account is kept of. Who may add which is a matter of policies: a new one needs a migration. That events lost
 * data (`events.erased`) is added by PostgreSQL itself.
 */
export type AuditedAct =
  | 'project.created'
  | 'key.added'
  | 'key.replaced'
  | 'key.revoked'
  | 'token.issued'
  | 'token.revoked'
  | 'action.accepted'
  | 'customer.erased'
  | 'report.downloaded'

/** Who did what to what. Nothing in it may name a person: entries outlive erasures. */
export interface AuditEntry {
  readonly projectId: string
  readonly act: AuditedAct
  /** The application that asked: its id, or {@link OPERATOR} or {@link REPORT_LINK}, which no application can be called. */
  readonly client: string
  /** The id of what it was done to. */
  readonly subject: string
  /** `v-…`, where there was a request. */
  readonly requestId?: string
  readonly details?: JsonObject
}

/** Whoever starts Rollcall or gives it commands. */
export const OPERATOR = '(operator)'
/** Whoever holds the link to a report. */
export const REPORT_LINK = '(report link)'
