import { Injectable, Logger } from '@nestjs/common'
import { Database, forLog } from '../../database/index.js'
import { EventStore } from '../../event-store/index.js'

/** What is left to be done when nothing waits, so that neither the next request nor a reader has to wait for it. */
@Injectable()
export class Aftermath {
  private readonly logger = new Logger(Aftermath.name)

  constructor(
    private readonly database: Database,
    private readonly events: EventStore,
  ) {}

  /** It may be left undone: PostgreSQL does it by itself, at a time of its own choice. */
  async clearUp(): Promise<void> {
    try {
      await this.database.acrossProjects((session) => this.events.sortInKeys(session))
    } catch (error) {
      this.logger.warn(`The keys of new events could not be sorted in: ${forLog(error)}`)
    }
  }
}
