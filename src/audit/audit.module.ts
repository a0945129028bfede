import { Module } from '@nestjs/common'
import { AuditSweeper } from './audit-sweeper.js'

/** Keeps the audit log as long as it has to be, and no longer; a worker does. Who writes to it needs no module. */
@Module({ providers: [AuditSweeper] })
export class AuditModule {}
