import { Controller, Get, Param, Query } from '@nestjs/common'
import { QueryBus } from '@nestjs/cqrs'
import { ApiOkResponse, ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger'
import { Client, Scopes } from '../../auth/index.js'
import { ApiErrors, queryPipe } from '../../http/index.js'
import { instantOfText, type RequestContext } from '../../kernel/index.js'
import { type AsyncActionBody } from './async-action.body.js'
import { AsyncActionDto, AsyncActionListDto, ListAsyncActionsQueryDto } from './async-action.dto.js'
import { GetAsyncActionQuery } from './get-async-action.query.js'
import { type AsyncActionList, ListAsyncActionsQuery } from './list-async-actions.query.js'

@ApiTags('Async actions')
@Scopes('api', 'async-actions')
@Controller('v1/async-actions')
export class AsyncActionsController {
  constructor(private readonly queries: QueryBus) {}

  @Get()
  @ApiOperation({
    operationId: 'listAsyncActions',
    summary: 'List asynchronous actions, newest first',
    description:
      'Follow the pages by `end_date`, the `created_at` of the last action, or by `starting_after_id`, its id, as long as `has_more` is true. `starting_after_id`, `type`, `status` and `async_action_id` are extensions of Rollcall.',
  })
  @ApiOkResponse({ type: AsyncActionListDto, description: 'A page of actions, or the one asked for.' })
  @ApiErrors(400, 401, 403, 404)
  list(
    @Client() { projectId }: RequestContext,
    @Query(queryPipe(ListAsyncActionsQueryDto)) query: ListAsyncActionsQueryDto,
  ): Promise<AsyncActionList | AsyncActionBody> {
    if (query.async_action_id !== undefined)
      return this.queries.execute(new GetAsyncActionQuery(projectId, query.async_action_id))
    const { limit, end_date: end, starting_after_id: startingAfterId, type, status } = query
    // Read here, because PostgreSQL does not take all that ISO 8601 has: 23 hours from UTC for instance.
    const before = end === undefined ? undefined : instantOfText(end)
    return this.queries.execute(
      new ListAsyncActionsQuery(projectId, limit, { before, startingAfterId, type, status }),
    )
  }

  @Get(':asyncActionId')
  @ApiOperation({
    operationId: 'getAsyncAction',
    summary: 'Get an asynchronous action: its status and, once it has ended, its result',
  })
  @ApiParam({ name: 'asyncActionId', example: 'aa_019ab3de8c2412f0a7', description: 'Id of the action.' })
  @ApiOkResponse({ type: AsyncActionDto, description: 'The action.' })
  @ApiErrors(401, 403, 404)
  get(@Client() { projectId }: RequestContext, @Param('asyncActionId') id: string): Promise<AsyncActionBody> {
    return this.queries.execute(new GetAsyncActionQuery(projectId, id))
  }
}
