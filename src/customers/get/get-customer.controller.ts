import { Controller, Get, Param } from '@nestjs/common'
import { QueryBus } from '@nestjs/cqrs'
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger'
import { Client, Scopes } from '../../auth/index.js'
import { ApiErrors } from '../../http/index.js'
import { type RequestContext } from '../../kernel/index.js'
import { ApiCustomerId } from '../show/api-customer-id.js'
import { type CustomerBody } from '../show/customer.body.js'
import { CustomerDto } from '../show/customer.dto.js'
import { GetCustomerQuery } from './get-customer.query.js'

@ApiTags('Customers')
@Scopes('api', 'customers')
@Controller('v1/customers')
export class GetCustomerController {
  constructor(private readonly queries: QueryBus) {}

  @Get(':customerId')
  @ApiOperation({ operationId: 'getCustomer', summary: 'Get a customer' })
  @ApiCustomerId()
  @ApiOkResponse({ type: CustomerDto, description: 'The customer.' })
  @ApiErrors(401, 403, 404)
  get(
    @Client() { projectId }: RequestContext,
    @Param('customerId') customerId: string,
  ): Promise<CustomerBody> {
    return this.queries.execute(new GetCustomerQuery(projectId, customerId))
  }
}
