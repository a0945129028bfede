import { Injectable } from '@nestjs/common'
import { type ICommand, type IEvent, ofType, Saga } from '@nestjs/cqrs'
import { map, type Observable } from 'rxjs'
import { EnqueueAsyncActionCommand } from './enqueue/enqueue-async-action.command.js'
import { AsyncActionScheduled } from './schedule/async-action-scheduled.event.js'

/** Whatever is scheduled is enqueued. */
@Injectable()
export class AsyncActionSaga {
  @Saga()
  readonly enqueue = (events$: Observable<IEvent>): Observable<ICommand> =>
    events$.pipe(
      ofType(AsyncActionScheduled),
      map(({ projectId, asyncActionId }) => new EnqueueAsyncActionCommand(projectId, asyncActionId)),
    )
}
