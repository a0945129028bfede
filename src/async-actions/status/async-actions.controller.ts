import { Controller, Get, Param, Query } from '@nestjs/common'
import { QueryBus } from '@nestjs/cqrs'
import { ApiOkResponse, ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger'
import { Client, Scopes } from '../../auth/index.js'
import { ApiErrors, queryPipe } from '../../http/index.js'
import { type RequestContext } from '../../kernel/index.js'
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
  @ApiOperation({ operationId: 'listAsyncActions', summary: 'List asynchronous actions, newest first' })
  @ApiOkResponse({ type: AsyncActionListDto, description: 'A page of actions, or the one asked for.' })
  @ApiErrors(400, 401, 403)
  list(
    @Client() { projectId }: RequestContext,
    @Query(queryPipe(ListAsyncActionsQueryDto)) query: ListAsyncActionsQueryDto,
  ): Promise<AsyncActionList | AsyncActionBody> {
    return query.async_action_id === undefined
      ? this.queries.execute(new ListAsyncActionsQuery(projectId, query.limit, query.end_date))
      : this.queries.execute(new GetAsyncActionQuery(projectId, query.async_action_id))
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
