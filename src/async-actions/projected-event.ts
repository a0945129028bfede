import { type Instant } from '../kernel/index.js'
import { type AsyncActionEvent } from './domain/async-action.events.js'

/** An event of one action on its way into the read models. */
export interface ProjectedEvent {
  readonly projectId: string
  readonly asyncActionId: string
  readonly version: number
  readonly occurredAt: Instant
  readonly event: AsyncActionEvent
}
