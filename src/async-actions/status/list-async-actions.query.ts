import { type IQueryHandler, Query, QueryHandler } from '@nestjs/cqrs'
import { Database, type Session } from '../../database/index.js'
import { invalidQuery, isAsyncActionId } from '../../kernel/index.js'
import { type AsyncActionBody, toListedBody } from './async-action.body.js'
import { type ActionFilter, findAction, findActions } from './async-action.read-model.js'

export interface AsyncActionList {
  readonly object: 'list'
  readonly data_ref: 'async_actions'
  readonly async_actions: readonly AsyncActionBody[]
  readonly has_more: boolean
}

/** The newest actions that a filter lets through, newest first. */
export class ListAsyncActionsQuery extends Query<AsyncActionList> {
  constructor(
    readonly projectId: string,
    readonly limit: number,
    readonly filter: ActionFilter = {},
  ) {
    super()
  }
}

@QueryHandler(ListAsyncActionsQuery)
export class ListAsyncActionsHandler implements IQueryHandler<ListAsyncActionsQuery> {
  constructor(private readonly database: Database) {}

  async execute({ projectId, limit, filter }: ListAsyncActionsQuery): Promise<AsyncActionList> {
    const actions = await this.database.atOneMoment(projectId, async (session) => {
      await requireKnown(session, projectId, filter.startingAfterId)
      return findActions(session, projectId, filter, limit + 1)
    })
    return {
      object: 'list',
      data_ref: 'async_actions',
      async_actions: actions.slice(0, limit).map(toListedBody),
      has_more: actions.length > limit,
    }
  }
}

/** The id of an action that the project does not have, be it another's, is a wrong parameter like any garbage. */
async function requireKnown(session: Session, projectId: string, id: string | undefined): Promise<void> {
  if (id === undefined) return
  const known = isAsyncActionId(id) && (await findAction(session, projectId, id)) !== undefined
  if (!known)
    throw invalidQuery('Property .starting_after_id must be the id of an async_action of the project')
}
