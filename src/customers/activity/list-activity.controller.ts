import { Controller, Get, Param, Query } from '@nestjs/common'
import { QueryBus } from '@nestjs/cqrs'
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger'
import { Client, Scopes } from '../../auth/index.js'
import { ApiErrors, queryPipe } from '../../http/index.js'
import { type Instant, instantOfText, type RequestContext } from '../../kernel/index.js'
import { ApiCustomerId } from '../show/api-customer-id.js'
import { type ActivityBody, ACTIVITY_TYPES } from './activities.js'
import { lastInstantOf } from './activity-time.js'
import {
  CustomerActivitiesListDto,
  CustomerActivityListDto,
  ListCustomerActivitiesQueryDto,
  ListCustomerActivityQueryDto,
} from './activity.dto.js'
import { type ActivityFilter, type ActivityPage, ListCustomerActivityQuery } from './list-activity.query.js'

/** A page as on the wire; the older list has a total as well. */
interface ActivityListBody {
  readonly object: 'list'
  readonly data_ref: 'data'
  readonly data: readonly ActivityBody[]
  readonly has_more: boolean
  readonly more_starting_after?: string
}

@ApiTags('Customers')
@Scopes('api', 'customers')
@Controller('v1/customers')
export class ListActivityController {
  constructor(private readonly queries: QueryBus) {}

  @Get(':customerId/activity')
  @ApiOperation({
    operationId: 'listCustomerActivity',
    summary: 'List what happened to a customer',
    description:
      'Every creation and change of the customer, with the whole customer as it was after it. What was erased by a permanent deletion never shows, nor does anything of an earlier customer with the same `source_id`.',
  })
  @ApiCustomerId()
  @ApiOkResponse({ type: CustomerActivityListDto, description: 'A page of activities.' })
  @ApiErrors(400, 401, 403, 404)
  async activity(
    @Client() { projectId }: RequestContext,
    @Param('customerId') customerId: string,
    @Query(queryPipe(ListCustomerActivityQueryDto)) query: ListCustomerActivityQueryDto,
  ): Promise<ActivityListBody> {
    const filter = { types: typesOf(query), ...filterOf(query) }
    return toBody(await this.queries.execute(new ListCustomerActivityQuery(projectId, customerId, filter)))
  }

  @Get(':customerId/activities')
  @ApiOperation({
    operationId: 'listCustomerActivities',
    deprecated: true,
    summary: 'List what happened to a customer, with a total',
    description: 'The older form of `GET /v1/customers/{customerId}/activity`.',
  })
  @ApiCustomerId()
  @ApiOkResponse({ type: CustomerActivitiesListDto, description: 'A page of activities.' })
  @ApiErrors(400, 401, 403, 404)
  async activities(
    @Client() { projectId }: RequestContext,
    @Param('customerId') customerId: string,
    @Query(queryPipe(ListCustomerActivitiesQueryDto)) query: ListCustomerActivitiesQueryDto,
  ): Promise<ActivityListBody & { readonly total: number }> {
    const filter = {
      ...filterOf(query),
      startingAfter: instantOf(query.starting_after),
      ...(query.product_id !== undefined && { types: [] }),
      withTotal: true,
    }
    const page = await this.queries.execute(new ListCustomerActivityQuery(projectId, customerId, filter))
    return { ...toBody(page), total: page.total ?? 0 }
  }
}

const toBody = ({ activities, moreStartingAfter }: ActivityPage): ActivityListBody => ({
  object: 'list',
  data_ref: 'data',
  data: activities,
  has_more: moreStartingAfter !== undefined,
  ...(moreStartingAfter !== undefined && { more_starting_after: moreStartingAfter }),
})

/** What both lists have in common; there are no campaigns, so nothing has to do with one. */
function filterOf(query: ListCustomerActivityQueryDto | ListCustomerActivitiesQueryDto): ActivityFilter {
  const ofCampaign = query.campaign_id !== undefined || query.campaign_type !== undefined
  return {
    limit: query.limit,
    newestFirst: query.order.startsWith('-'),
    startingAfterId: query.starting_after_id,
    from: instantOf(query.start_date),
    till: query.end_date === undefined ? undefined : lastInstantOf(query.end_date),
    ...(ofCampaign && { types: [] }),
  }
}

/** Which events are asked for by type and category; undefined when any are. */
function typesOf({ type, category }: ListCustomerActivityQueryDto): ActivityFilter['types'] {
  if (category === 'EFFECT') return []
  if (type === undefined) return undefined
  const stored = ACTIVITY_TYPES[type]
  return stored === undefined ? [] : [stored]
}

const instantOf = (text: string | undefined): Instant | undefined =>
  text === undefined ? undefined : instantOfText(text)
