import { type IQueryHandler, Query, QueryHandler } from '@nestjs/cqrs'
import { Database, type Session } from '../../database/index.js'
import { type Instant } from '../../kernel/index.js'
import { type CustomerView } from '../show/customer.read-model.js'
import {
  countCustomers,
  type CustomerConditions,
  findCustomers,
  type Order,
  type Part,
  totalOf,
} from './customer-list.read-model.js'
import { findByTimeOfChange } from './by-time-of-change.read-model.js'

/** What a client wants to see of a project's customers. */
export interface CustomerListRequest extends CustomerConditions {
  readonly order: Order
  readonly page: number
  readonly limit: number
  /** Go on behind the customer that was created at this instant. */
  readonly startingAfter?: Instant | undefined
  /** There are no segments: whoever asks for one gets nobody. */
  readonly nobody: boolean
}

export interface CustomerPage {
  readonly customers: readonly CustomerView[]
  readonly total: number
  readonly hasMore: boolean
}

/** A page of a project's customers. */
export class ListCustomersQuery extends Query<CustomerPage> {
  constructor(
    readonly projectId: string,
    readonly request: CustomerListRequest,
  ) {
    super()
  }
}

@QueryHandler(ListCustomersQuery)
export class ListCustomersHandler implements IQueryHandler<ListCustomersQuery> {
  constructor(private readonly database: Database) {}

  async execute({ projectId, request }: ListCustomersQuery): Promise<CustomerPage> {
    if (request.nobody || hasUnstorableText(request)) return { customers: [], total: 0, hasMore: false }
    // A customer that changes between the reads of a page must not be missing from all of them.
    return this.database.atOneMoment(projectId, async (session) => {
      const total = await count(session, projectId, request)
      const customers = await find(session, projectId, behindCursor(request))
      return {
        customers: customers.slice(0, request.limit),
        total,
        hasMore: customers.length > request.limit,
      }
    })
  }
}

const count = (session: Session, projectId: string, request: CustomerListRequest): Promise<number> =>
  isUnconditional(request) ? totalOf(session, projectId) : countCustomers(session, projectId, request)

/** One more than is shown, to know whether there are more. */
function find(session: Session, projectId: string, request: CustomerListRequest): Promise<CustomerView[]> {
  const { order, page, limit } = request
  const part: Part = { order, offset: (page - 1) * limit, limit: limit + 1 }
  const byChange = order === 'updated_at' || order === '-updated_at'
  return byChange && isUnconditional(request)
    ? findByTimeOfChange(session, projectId, part)
    : findCustomers(session, projectId, request, part)
}

/** The cursor is a time of creation, so what comes behind it is sorted by that. */
function behindCursor(request: CustomerListRequest): CustomerListRequest {
  const { startingAfter: cursor, order, created } = request
  if (cursor === undefined) return request
  const upwards = order === 'created_at' || order === 'updated_at'
  return {
    ...request,
    order: upwards ? 'created_at' : '-created_at',
    created: upwards
      ? { ...created, after: Math.max(cursor, created.after ?? cursor) }
      : { ...created, before: Math.min(cursor, created.before ?? cursor) },
  }
}

const isUnconditional = ({ searched, created, updated }: CustomerConditions): boolean =>
  [
    searched.email,
    searched.city,
    searched.name,
    created.after,
    created.before,
    updated.after,
    updated.before,
  ].every((condition) => condition === undefined)

/** PostgreSQL holds no NUL in a text, so no customer has such a value. */
const hasUnstorableText = ({ searched: { email, city, name } }: CustomerConditions): boolean =>
  [email, city, name].some((text) => text?.includes('\0'))
