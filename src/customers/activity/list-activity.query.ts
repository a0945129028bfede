import { type IQueryHandler, Query, QueryHandler } from '@nestjs/cqrs'
import { Database, type Session } from '../../database/index.js'
import { EventStore, type StreamFilter } from '../../event-store/index.js'
import { type Instant, invalidQuery, notFound } from '../../kernel/index.js'
import { type CustomerEvent } from '../domain/customer.events.js'
import { findCustomer } from '../show/customer.read-model.js'
import { type ActivityBody, BEFORE_ALL, tellActivities } from './activities.js'
import { activityIdOf, versionOf } from './activity-id.js'

/** What of a customer's activity is asked for. */
export interface ActivityFilter {
  readonly limit: number
  readonly newestFirst: boolean
  readonly startingAfterId?: string | undefined
  /** Only what comes behind this time, in the order of the list. */
  readonly startingAfter?: Instant | undefined
  readonly from?: Instant | undefined
  readonly till?: Instant | undefined
  /** Undefined: of any type. */
  readonly types?: readonly CustomerEvent['type'][] | undefined
  /** Count all that the filter lets through, wherever the page begins. */
  readonly withTotal?: boolean
}

export interface ActivityPage {
  readonly activities: readonly ActivityBody[]
  /** The last activity's id when there is more behind it. */
  readonly moreStartingAfter: string | undefined
  /** Only when it was asked for. */
  readonly total: number | undefined
}

/** What happened to a customer that is there. */
export class ListCustomerActivityQuery extends Query<ActivityPage> {
  constructor(
    readonly projectId: string,
    readonly idOrSourceId: string,
    readonly filter: ActivityFilter,
  ) {
    super()
  }
}

/** An event holds at most some 260,000 characters: this many at a time keep memory small. */
const EVENTS_PER_READ = 250

@QueryHandler(ListCustomerActivityQuery)
export class ListCustomerActivityHandler implements IQueryHandler<ListCustomerActivityQuery> {
  constructor(
    private readonly database: Database,
    private readonly events: EventStore,
  ) {}

  execute({ projectId, idOrSourceId, filter }: ListCustomerActivityQuery): Promise<ActivityPage> {
    // An erasure that commits in the middle of it must not be seen by half.
    return this.database.atOneMoment(projectId, async (session) => {
      const customer = await findCustomer(session, projectId, idOrSourceId)
      if (customer === undefined) throw notFound('customer', idOrSourceId)
      return this.page(session, projectId, customer.id, filter)
    })
  }

  private async page(
    session: Session,
    projectId: string,
    id: string,
    filter: ActivityFilter,
  ): Promise<ActivityPage> {
    const { limit, newestFirst, from, till, types } = filter
    const meant: StreamFilter = { from, till, types }
    const behind = cursorOf(id, filter.startingAfterId)
    const slice = { ...meant, ...afterTime(filter), newestFirst, behind, limit: limit + 1 }
    const places = await this.events.listStream(session, projectId, id, slice)
    const versions = places.slice(0, limit).map(({ version }) => version)
    const last = versions.at(-1)
    return {
      activities: await this.tell(session, projectId, id, versions),
      moreStartingAfter: places.length > limit && last !== undefined ? activityIdOf(id, last) : undefined,
      total: filter.withTotal ? await this.events.countStream(session, projectId, id, meant) : undefined,
    }
  }

  /** Events hold changes: how a customer was is known by going through all that happened before, part by part. */
  private async tell(
    session: Session,
    projectId: string,
    id: string,
    versions: readonly number[],
  ): Promise<ActivityBody[]> {
    const wanted = new Set(versions)
    const last = Math.max(0, ...versions)
    const told = new Map<number, ActivityBody>()
    let customer = BEFORE_ALL
    for (let behind = 0; behind < last; behind += EVENTS_PER_READ) {
      const limit = Math.min(EVENTS_PER_READ, last - behind)
      const events = await this.events.readStreamPart(session, projectId, id, { behind, limit })
      const { after, activities } = tellActivities(customer, events, wanted)
      for (const [version, activity] of activities) told.set(version, activity)
      customer = after
    }
    return versions.flatMap((version) => told.get(version) ?? [])
  }
}

/** A time as cursor narrows the bound at which the list begins. */
function afterTime({ newestFirst, from, till, startingAfter }: ActivityFilter): StreamFilter {
  if (startingAfter === undefined) return {}
  return newestFirst
    ? { till: Math.min(till ?? Infinity, startingAfter - 1) }
    : { from: Math.max(from ?? -Infinity, startingAfter + 1) }
}

function cursorOf(customerId: string, startingAfterId: string | undefined): number | undefined {
  if (startingAfterId === undefined) return undefined
  const version = versionOf(customerId, startingAfterId)
  if (version === undefined) {
    throw invalidQuery('Property .starting_after_id is not the id of an activity of this customer')
  }
  return version
}
