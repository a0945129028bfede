/** Announced on the EventBus after the commit that made an action durable. Losing it only costs time. */
export class AsyncActionScheduled {
  constructor(
    readonly projectId: string,
    readonly asyncActionId: string,
  ) {}
}
