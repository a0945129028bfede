import { type RecordedEvent } from '../../event-store/index.js'
import { type Instant, toMicrosText } from '../../kernel/index.js'
import { type Customer, customerDecider } from '../domain/customer.js'
import { type CustomerEvent } from '../domain/customer.events.js'
import { toBody } from '../show/customer.body.js'
import { activityIdOf } from './activity-id.js'

/** How the API names what happened. A deleted customer cannot be asked for, so nobody ever sees that event. */
export const ACTIVITY_TYPES: Partial<Record<string, CustomerEvent['type']>> = {
  'customer.created': 'CustomerUpserted',
  'customer.updated': 'CustomerUpdated',
}

/** Something that happened to a customer, as on the wire. */
export interface ActivityBody {
  readonly id: string
  readonly type: string
  readonly data: {
    readonly data: { readonly customer: Record<string, unknown> }
    readonly event_source: { readonly channel: 'API' }
  }
  readonly created_at: string
  readonly group_id: string | null
}

/** A customer as its events so far made it. */
export interface PastCustomer {
  readonly state: Customer
  readonly createdAt: Instant
}

export const BEFORE_ALL: PastCustomer = { state: customerDecider.initialState, createdAt: 0 }

/** A part of a customer's history, told: how the customer is after it, and the activities that were asked for. */
export interface ToldPart {
  readonly after: PastCustomer
  readonly activities: ReadonlyMap<number, ActivityBody>
}

/** Tells what the events of a part, which continue those before, were; `wanted` are versions. Pure. */
export function tellActivities(
  before: PastCustomer,
  events: readonly RecordedEvent[],
  wanted: ReadonlySet<number>,
): ToldPart {
  const activities = new Map<number, ActivityBody>()
  let after = before
  for (const event of events) {
    after = afterEvent(after, event)
    if (wanted.has(event.version)) activities.set(event.version, toActivity(after, event))
  }
  return { after, activities }
}

const afterEvent = ({ state, createdAt }: PastCustomer, event: RecordedEvent): PastCustomer => ({
  state: customerDecider.evolve(state, event as unknown as CustomerEvent),
  createdAt: event.version === 1 ? event.occurredAt : createdAt,
})

function toActivity({ state, createdAt }: PastCustomer, event: RecordedEvent): ActivityBody {
  if (state.kind !== 'known') throw new Error(`${event.streamId} is not there after ${event.type}.`)
  const { streamId: id, version, occurredAt } = event
  const updatedAt = version === 1 ? null : occurredAt
  const customer = toBody({ id, sourceId: state.sourceId, document: state.document, createdAt, updatedAt })
  return {
    id: activityIdOf(id, version),
    type: version === 1 ? 'customer.created' : 'customer.updated',
    data: { data: { customer }, event_source: { channel: 'API' } },
    created_at: toMicrosText(occurredAt),
    group_id: event.correlationId,
  }
}
