import { InjectQueue, Processor } from '@nestjs/bull'
import { type OnApplicationBootstrap } from '@nestjs/common'
import { type Queue } from 'bull'
import { Settings } from '../config/index.js'
import { ASYNC_ACTIONS_QUEUE, type AsyncActionJob } from '../queue/index.js'
import { LaneRunner } from './run/lane-runner.js'

/** A job rings the runner; what is to be done, and in which order, stands in PostgreSQL. */
@Processor(ASYNC_ACTIONS_QUEUE)
export class AsyncActionProcessor implements OnApplicationBootstrap {
  constructor(
    @InjectQueue(ASYNC_ACTIONS_QUEUE) private readonly queue: Queue<AsyncActionJob>,
    private readonly runner: LaneRunner,
    private readonly settings: Settings,
  ) {}

  /** As many jobs at a time as the worker serves lanes; hence not `@Process`, whose number is fixed in the code. */
  onApplicationBootstrap(): void {
    // Settles only when the queue is closed; Redis being away is reported by the queue itself.
    void this.queue.process(this.settings.lanesPerWorker, () => this.runner.ring()).catch(() => undefined)
  }
}
