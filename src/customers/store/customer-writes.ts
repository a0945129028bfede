import { type Session, together } from '../../database/index.js'
import {
  type EventContext,
  type EventStore,
  type Pending,
  type StreamEvents,
} from '../../event-store/index.js'
import { type ChangedCustomer, type TimedEvent } from '../domain/decide-rows.js'
import { searchKeys } from './search-keys.js'
import { type ChangedOnce, changeCustomers } from './statements/change-customers.js'
import { createCustomers } from './statements/create-customers.js'
import { deleteCustomers } from './statements/delete-customers.js'
import { insertCustomers } from './statements/insert-customers.js'
import { updateCustomers } from './statements/update-customers.js'
import { type WrittenCustomer } from './statements/written-customer.js'

const ADD_TO_TOTAL = `
  INSERT INTO customer_counters AS counter (project_id, customers) VALUES ($1, $2)
  ON CONFLICT (project_id) DO UPDATE SET customers = counter.customers + excluded.customers`

/**
 * Everything that is to be sent for changed customers. It is written out when this is made, so that nothing but bytes
 * is held while PostgreSQL works: objects that wait are copied by each garbage collection.
 */
export class CustomerWrites {
  private readonly statements: Pending[]
  private readonly balance: number

  constructor(
    events: EventStore,
    private readonly context: EventContext,
    customers: readonly ChangedCustomer[],
  ) {
    const sorted = sort(customers)
    this.statements = statementsFor(events, context, sorted)
    this.balance = sorted.created.length + sorted.inserted.length - sorted.deleted.length
  }

  /**
   * To be called once: what is sent is let go. Throws a `VersionConflictError` when a customer was written by someone else
   * after it was loaded.
   */
  async send(session: Session): Promise<void> {
    await together(...this.statements.splice(0).map((statement) => statement(session)))
  }

  /** Keeps the project's total: last of all, because its writers wait for each other there. */
  async addToTotal(session: Session): Promise<void> {
    if (this.balance !== 0) await session.execute(ADD_TO_TOTAL, [this.context.projectId, this.balance])
  }
}

/** Changed customers by how they are written. */
interface Sorted {
  /** New, with one event, written together with it. */
  readonly created: WrittenCustomer[]
  /** Known, with one event, written together with it. */
  readonly changed: ChangedOnce[]
  /** New, with more. */
  readonly inserted: WrittenCustomer[]
  /** Known, with more. */
  readonly updated: WrittenCustomer[]
  readonly deleted: ChangedCustomer[]
}

function sort(customers: readonly ChangedCustomer[]): Sorted {
  const sorted: Sorted = { created: [], changed: [], inserted: [], updated: [], deleted: [] }
  for (const customer of customers) {
    const isNew = customer.loadedVersion === 0
    if (!stays(customer)) sorted.deleted.push(customer)
    else if (customer.events.length > 1) (isNew ? sorted.inserted : sorted.updated).push(customer)
    else if (isNew) sorted.created.push(customer)
    else sorted.changed.push(customer as ChangedOnce)
  }
  return sorted
}

const stays = (customer: ChangedCustomer): customer is WrittenCustomer => customer.state.kind === 'known'

function statementsFor(
  events: EventStore,
  context: EventContext,
  { created, changed, inserted, updated, deleted }: Sorted,
): Pending[] {
  const { projectId } = context
  const statements: Pending[] = []
  if (created.length > 0) statements.push(createCustomers(events, context, created))
  if (changed.length > 0) statements.push(changeCustomers(events, context, changed))
  if (inserted.length > 0) statements.push(insertCustomers(projectId, inserted))
  if (updated.length > 0) statements.push(updateCustomers(updated))
  if (deleted.length > 0) statements.push(deleteCustomers(projectId, deleted))
  const streams = [...inserted, ...updated, ...deleted].map(toStream)
  if (streams.length > 0)
    statements.push(events.appending(context, streams, (event) => keysOf(projectId, event)))
  return statements
}

const toStream = ({ id, loadedVersion, events }: ChangedCustomer): StreamEvents<TimedEvent> => ({
  streamId: id,
  expectedVersion: loadedVersion,
  events,
})

function keysOf(projectId: string, { type, data }: TimedEvent): (number | undefined)[] {
  switch (type) {
    case 'CustomerUpserted':
      return searchKeys(projectId, data.attributes)
    case 'CustomerUpdated':
      return searchKeys(projectId, data.changes)
    case 'CustomerDeleted':
      return []
  }
}
