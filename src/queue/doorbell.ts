import { getQueueToken } from '@nestjs/bull'
import { Inject, Injectable, Logger, Optional } from '@nestjs/common'
import { type Queue } from 'bull'
import { Database } from '../database/index.js'
import { NOTIFICATION_CHANNEL } from './notifications.js'
import { withTimeout } from '../kernel/index.js'

/** The queue that tells workers of new work. Its jobs say what came in; what to do stands in PostgreSQL. */
export const ASYNC_ACTIONS_QUEUE = 'async-actions'

/** All that a job carries. */
export interface AsyncActionJob {
  readonly asyncActionId: string
  readonly projectId: string
}

/** Redis answers in well under a millisecond; after this long it counts as away. */
const RING_TIMEOUT_MS = 200

/**
 * Wakes the workers: by a Bull job, or, while Redis is away, by a PostgreSQL notification. Losing a ring costs
 * time, never work: the workers also look by themselves.
 */
@Injectable()
export class Doorbell {
  private readonly logger = new Logger(Doorbell.name)

  constructor(
    private readonly database: Database,
    @Optional() @Inject(getQueueToken(ASYNC_ACTIONS_QUEUE)) private readonly queue?: Queue<AsyncActionJob>,
  ) {}

  async ring(job: AsyncActionJob): Promise<void> {
    if (!(await this.addJob(job))) await this.notify(job)
  }

  private async addJob(job: AsyncActionJob): Promise<boolean> {
    if (this.queue?.client.status !== 'ready') return false
    try {
      // The action's id is the job's: rung twice, it stands in the queue once. A finished job makes room at once.
      const options = { jobId: job.asyncActionId, attempts: 1, removeOnComplete: true, removeOnFail: true }
      await withTimeout(this.queue.add(job, options), RING_TIMEOUT_MS)
      return true
    } catch (error) {
      this.logger.warn(`Redis took no job, PostgreSQL notifies instead: ${String(error)}`)
      return false
    }
  }

  private notify({ projectId }: AsyncActionJob): Promise<unknown> {
    return this.database.acrossProjects((session) =>
      session.rows('SELECT pg_notify($1, $2)', [NOTIFICATION_CHANNEL, projectId]),
    )
  }
}
