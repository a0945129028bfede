import { Controller, Get, Query } from '@nestjs/common'
import { QueryBus } from '@nestjs/cqrs'
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger'
import { Client, Scopes } from '../../auth/index.js'
import { ApiErrors, queryPipe } from '../../http/index.js'
import { type Instant, instantOfText, type RequestContext } from '../../kernel/index.js'
import { toBody } from '../show/customer.body.js'
import { CustomerListDto, ListCustomersQueryDto } from './list-customers.dto.js'
import { type CustomerListRequest, ListCustomersQuery } from './list-customers.query.js'

@ApiTags('Customers')
@Scopes('api', 'customers')
@Controller('v1/customers')
export class ListCustomersController {
  constructor(private readonly queries: QueryBus) {}

  @Get()
  @ApiOperation({
    operationId: 'listCustomers',
    summary: 'List customers, newest first',
    description:
      'A page costs the same wherever it lies when it is reached by `starting_after`: give it the `created_at` of the last customer of the page before, with all its digits.',
  })
  @ApiOkResponse({ type: CustomerListDto, description: 'A page of customers.' })
  @ApiErrors(400, 401, 403)
  async list(
    @Client() { projectId }: RequestContext,
    @Query(queryPipe(ListCustomersQueryDto)) query: ListCustomersQueryDto,
  ): Promise<Record<string, unknown>> {
    const { customers, total, hasMore } = await this.queries.execute(
      new ListCustomersQuery(projectId, toRequest(query)),
    )
    return {
      object: 'list',
      data_ref: 'customers',
      customers: customers.map(toBody),
      total,
      has_more: hasMore,
    }
  }
}

const toRequest = (query: ListCustomersQueryDto): CustomerListRequest => ({
  order: query.order ?? '-created_at',
  page: query.page,
  limit: query.limit,
  searched: { email: query.email, city: query.city, name: query.name },
  created: { after: instantOf(query['created_at[after]']), before: instantOf(query['created_at[before]']) },
  updated: { after: instantOf(query['updated_at[after]']), before: instantOf(query['updated_at[before]']) },
  startingAfter: instantOf(query.starting_after),
  nobody: query.segment_id !== undefined,
})

const instantOf = (text: string | undefined): Instant | undefined =>
  text === undefined ? undefined : instantOfText(text)
