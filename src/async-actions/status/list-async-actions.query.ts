import { type IQueryHandler, Query, QueryHandler } from '@nestjs/cqrs'
import { Database } from '../../database/index.js'
import { type AsyncActionBody, toListedBody } from './async-action.body.js'
import { findActionsBefore } from './async-action.read-model.js'

export interface AsyncActionList {
  readonly object: 'list'
  readonly data_ref: 'async_actions'
  readonly async_actions: readonly AsyncActionBody[]
  readonly has_more: boolean
}

/** The newest actions scheduled before a time, newest first. */
export class ListAsyncActionsQuery extends Query<AsyncActionList> {
  constructor(
    readonly projectId: string,
    readonly limit: number,
    /** ISO 8601 date or date-time, exclusive. */
    readonly before?: string,
  ) {
    super()
  }
}

@QueryHandler(ListAsyncActionsQuery)
export class ListAsyncActionsHandler implements IQueryHandler<ListAsyncActionsQuery> {
  constructor(private readonly database: Database) {}

  async execute({ projectId, limit, before }: ListAsyncActionsQuery): Promise<AsyncActionList> {
    const actions = await this.database.inProject(projectId, (session) =>
      findActionsBefore(session, projectId, before, limit + 1),
    )
    return {
      object: 'list',
      data_ref: 'async_actions',
      async_actions: actions.slice(0, limit).map(toListedBody),
      has_more: actions.length > limit,
    }
  }
}
