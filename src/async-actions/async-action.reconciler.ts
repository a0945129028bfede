import { getQueueToken } from '@nestjs/bull'
import {
  Inject,
  Injectable,
  Logger,
  type OnApplicationBootstrap,
  type OnModuleDestroy,
  Optional,
} from '@nestjs/common'
import { CommandBus } from '@nestjs/cqrs'
import { type Queue } from 'bull'
import { type Subscription } from 'rxjs'
import { Settings } from '../config/index.js'
import { forLog } from '../database/index.js'
import { ASYNC_ACTIONS_QUEUE, Notifications } from '../queue/index.js'
import { EnqueueAsyncActionCommand } from './enqueue/enqueue-async-action.command.js'
import { IdempotencyKeySweeper } from './retention/idempotency-key-sweeper.js'
import { PayloadSweeper } from './retention/payload-sweeper.js'
import { LaneRunner } from './run/lane-runner.js'
import { Lanes } from './run/lanes.js'

/** Lanes that one look enqueues again at most, those that have waited longest; a later look takes the rest. */
const LANES_PER_LOOK = 100

/**
 * Repairs what was lost between commit and queue: a crash, a flushed Redis, no Redis at all. At start, when Redis
 * comes back, and at every poll it enqueues unfinished actions that nobody works on, and works on them itself.
 */
@Injectable()
export class AsyncActionReconciler implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly logger = new Logger(AsyncActionReconciler.name)
  private timer: NodeJS.Timeout | undefined
  private announced: Subscription | undefined
  private reconciling: Promise<void> | undefined

  constructor(
    private readonly lanes: Lanes,
    private readonly runner: LaneRunner,
    private readonly commandBus: CommandBus,
    private readonly notifications: Notifications,
    private readonly payloads: PayloadSweeper,
    private readonly keys: IdempotencyKeySweeper,
    private readonly settings: Settings,
    @Optional() @Inject(getQueueToken(ASYNC_ACTIONS_QUEUE)) private readonly queue?: Queue,
  ) {}

  onApplicationBootstrap(): void {
    this.timer = setInterval(this.look, this.settings.pollIntervalMs)
    this.announced = this.notifications.announced$.subscribe(() => void this.runner.ring())
    this.queue?.client.on('ready', this.look)
    this.look()
  }

  async onModuleDestroy(): Promise<void> {
    clearInterval(this.timer)
    this.announced?.unsubscribe()
    this.queue?.client.off('ready', this.look)
    await this.reconciling
  }

  private readonly look = (): void => {
    this.reconciling ??= this.reconcile()
      .then(() => this.sweep())
      .finally(() => {
        this.reconciling = undefined
      })
  }

  private async reconcile(): Promise<void> {
    try {
      const waiting = await this.lanes.waiting(LANES_PER_LOOK)
      if (waiting.length === 0) return
      void this.runner.ring()
      for (const { projectId, asyncActionId } of waiting) {
        await this.commandBus.execute(new EnqueueAsyncActionCommand(projectId, asyncActionId))
      }
    } catch (error) {
      this.logger.warn(`Cannot look for waiting work: ${forLog(error)}`)
    }
  }

  private async sweep(): Promise<void> {
    try {
      await this.payloads.sweep()
      await this.keys.sweep()
    } catch (error) {
      this.logger.warn(`Cannot remove what is no longer needed: ${forLog(error)}`)
    }
  }
}
