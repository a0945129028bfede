import { type IQueryHandler, Query, QueryHandler } from '@nestjs/cqrs'
import { Database } from '../../database/index.js'
import { notFound } from '../../kernel/index.js'
import { type CustomerBody, toBody } from '../show/customer.body.js'
import { findCustomer } from '../show/customer.read-model.js'

/** One customer, by its id or its `source_id`. */
export class GetCustomerQuery extends Query<CustomerBody> {
  constructor(
    readonly projectId: string,
    readonly idOrSourceId: string,
  ) {
    super()
  }
}

@QueryHandler(GetCustomerQuery)
export class GetCustomerHandler implements IQueryHandler<GetCustomerQuery> {
  constructor(private readonly database: Database) {}

  async execute({ projectId, idOrSourceId }: GetCustomerQuery): Promise<CustomerBody> {
    const customer = await this.database.atOneMoment(projectId, (session) =>
      findCustomer(session, projectId, idOrSourceId),
    )
    if (customer === undefined) throw notFound('customer', idOrSourceId)
    return toBody(customer)
  }
}
