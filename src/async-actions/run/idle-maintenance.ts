import { Injectable, Logger } from '@nestjs/common'
import { Database, forLog, isContention, isTimeout } from '../../database/index.js'
import { EventStore } from '../../event-store/index.js'

/** 10 MB take a quarter of one at most; a worker that is to stop does not wait longer. */
const LONGEST_SECONDS = 5

/** What a worker does that has found nothing more to do, so that neither the next request nor a reader has to wait for it. */
@Injectable()
export class IdleMaintenance {
  private readonly logger = new Logger(IdleMaintenance.name)

  constructor(
    private readonly database: Database,
    private readonly events: EventStore,
  ) {}

  /** It may be left undone: PostgreSQL does it by itself, at a time of its own choice. */
  async run(): Promise<void> {
    try {
      await this.database.acrossProjects(async (session) => {
        await session.takeUpTo(LONGEST_SECONDS)
        await this.events.sortInSearchKeys(session)
      })
    } catch (error) {
      // Somebody is at it already: another worker, or PostgreSQL.
      if (isContention(error) && !isTimeout(error)) return
      this.logger.warn(`The search keys of new events could not be sorted in: ${forLog(error)}`)
    }
  }
}
