export { type AuditEntry, auditParameters, INSERT_AUDIT_ENTRY, OPERATOR, REPORT_LINK } from './audit-entry.js'
export { AuditModule } from './audit.module.js'
export { readAudit, type RecordedAuditEntry, recordAudit, removeAudit } from './audit-log.js'
