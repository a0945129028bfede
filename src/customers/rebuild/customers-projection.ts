import { type Session } from '../../database/index.js'
import { type RecordedEvent } from '../../event-store/index.js'
import { fold } from '../../kernel/index.js'
import { type Projection, type Total } from '../../projections/index.js'
import { customerDecider } from '../domain/customer.js'
import { type CustomerEvent } from '../domain/customer.events.js'
import { type TimedEvent } from '../domain/decide-rows.js'
import { insertCustomers } from '../store/statements/insert-customers.js'
import { type WrittenCustomer } from '../store/statements/written-customer.js'

/** Customers that are written by one statement. */
const AT_A_TIME = 500

const HOLD = `
  SELECT FROM public.customers WHERE project_id = $1 AND id = ANY ($2) ORDER BY id FOR UPDATE`

/** Keeps erasures back: of a customer that was deleted there is no row to hold. They take the lane after customers, too. */
const HOLD_ERASURES = `
  INSERT INTO lanes (project_id) VALUES ($1)
  ON CONFLICT (project_id) DO UPDATE SET erasures = lanes.erasures`

/** One that was erased has left no name, and nothing to find it by. */
const INSERT_DELETED = `
  INSERT INTO deleted_customers (project_id, customer_id, source_id) VALUES ($1, $2, $3)`

/** The rows of customers, which are their snapshots too, and what is kept of those that were deleted. */
export const CUSTOMERS_PROJECTION: Projection = {
  prefix: 'cust_',
  tables: [
    {
      name: 'customers',
      stream: 'id',
      columns: ['source_id', 'version', 'created_at', 'updated_at', 'document'],
    },
    { name: 'deleted_customers', stream: 'customer_id', columns: ['source_id'] },
  ],

  async replay(session, projectId, events) {
    let customers: WrittenCustomer[] = []
    for await (const stream of streamsOf(events)) {
      const state = fold(customerDecider, customerDecider.initialState, stream.events)
      if (state.kind === 'known')
        customers.push({ id: stream.id, loadedVersion: 0, place: 0, state, events: stream.events })
      if (state.kind === 'deleted') await insertDeleted(session, projectId, stream)
      if (customers.length < AT_A_TIME) continue
      await insertCustomers(projectId, customers)(session)
      customers = []
    }
    if (customers.length > 0) await insertCustomers(projectId, customers)(session)
  },

  async hold(session, projectId, streamIds) {
    await session.execute(HOLD, [projectId, streamIds])
    await session.execute(HOLD_ERASURES, [projectId])
  },
}

/** How many customers a project has. */
export const CUSTOMER_TOTALS: readonly Total[] = [
  { table: 'customer_counters', column: 'customers', counts: 'customers' },
]

interface Stream {
  readonly id: string
  readonly events: TimedEvent[]
}

/** Events that come stream by stream, stream by stream. */
async function* streamsOf(events: AsyncIterable<RecordedEvent>): AsyncGenerator<Stream> {
  let stream: Stream | undefined
  for await (const { streamId: id, type, data, occurredAt } of events) {
    const event = { ...({ type, data } as unknown as CustomerEvent), occurredAt }
    if (stream?.id === id) stream.events.push(event)
    else {
      if (stream) yield stream
      stream = { id, events: [event] }
    }
  }
  if (stream) yield stream
}

async function insertDeleted(session: Session, projectId: string, { id, events }: Stream): Promise<void> {
  const [first] = events
  const sourceId = first?.type === 'CustomerUpserted' ? first.data.source_id : null
  if (sourceId !== null) await session.execute(INSERT_DELETED, [projectId, id, sourceId])
}
