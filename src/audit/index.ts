export { type AuditEntry, OPERATOR, REPORT_LINK } from './audit-entry.js'
export { AuditModule } from './audit.module.js'
export { readAudit, type RecordedAuditEntry, recordAudit, recordAuditBy, removeAudit } from './audit-log.js'
