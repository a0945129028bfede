import { Injectable, Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common'
import { Settings } from '../config/index.js'
import { Database, forLog } from '../database/index.js'
import { withTimeout } from '../kernel/index.js'
import { removeAudit } from './audit-log.js'

const INTERVAL_MS = 3_600_000
const LONGEST_GOODBYE_MS = 1_000

/** Removes entries of the audit log that are older than they have to be kept. Several workers take turns. */
@Injectable()
export class AuditSweeper implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly logger = new Logger(AuditSweeper.name)
  private timer: NodeJS.Timeout | undefined
  private sweeping: Promise<void> | undefined
  private isOver = false

  constructor(
    private readonly database: Database,
    private readonly settings: Settings,
  ) {}

  onApplicationBootstrap(): void {
    this.timer = setInterval(this.look, INTERVAL_MS)
    this.look()
  }

  async onModuleDestroy(): Promise<void> {
    this.isOver = true
    clearInterval(this.timer)
    // A statement may take longer than a stop; PostgreSQL takes it back then.
    if (this.sweeping) await withTimeout(this.sweeping, LONGEST_GOODBYE_MS).catch(() => undefined)
  }

  private readonly look = (): void => {
    this.sweeping ??= this.sweep().finally(() => {
      this.sweeping = undefined
    })
  }

  private async sweep(): Promise<void> {
    const { auditLogDays } = this.settings
    try {
      while (!this.isOver) {
        const removed = await this.database.acrossProjects((session) => removeAudit(session, auditLogDays))
        if (removed === 0) return
      }
    } catch (error) {
      this.logger.warn(`Cannot remove old entries of the audit log: ${forLog(error)}`)
    }
  }
}
