import { Logger } from '@nestjs/common'
import { CommandHandler, type ICommandHandler } from '@nestjs/cqrs'
import { Doorbell } from '../../queue/index.js'
import { EnqueueAsyncActionCommand } from './enqueue-async-action.command.js'

@CommandHandler(EnqueueAsyncActionCommand)
export class EnqueueAsyncActionHandler implements ICommandHandler<EnqueueAsyncActionCommand> {
  private readonly logger = new Logger(EnqueueAsyncActionHandler.name)

  constructor(private readonly doorbell: Doorbell) {}

  /** A ring that fails is only logged: the action is durable, and the workers look for it by themselves. */
  async execute({ projectId, asyncActionId }: EnqueueAsyncActionCommand): Promise<void> {
    try {
      await this.doorbell.ring({ projectId, asyncActionId })
    } catch (error) {
      this.logger.warn(`${asyncActionId} waits for the next poll, no worker could be woken: ${String(error)}`)
    }
  }
}
