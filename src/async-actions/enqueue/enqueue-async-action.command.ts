import { Command } from '@nestjs/cqrs'

/** Let a worker know that an action waits. Repeating it is harmless. */
export class EnqueueAsyncActionCommand extends Command<void> {
  constructor(
    readonly projectId: string,
    readonly asyncActionId: string,
  ) {
    super()
  }
}
