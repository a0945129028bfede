import { CommandHandler, type ICommandHandler } from '@nestjs/cqrs'
import { TraceEraser, type Traces } from '../../async-actions/index.js'
import { recordAudit } from '../../audit/index.js'
import { Database, type Session } from '../../database/index.js'
import { EventStore } from '../../event-store/index.js'
import { type ClientContext, type Instant, notFound, sameJson } from '../../kernel/index.js'
import { type ChangedCustomer } from '../domain/decide-rows.js'
import { ERASED_EVENTS } from '../domain/erased.js'
import { CustomerRepository } from '../store/customer.repository.js'
import { CustomerWriter, deleted } from '../store/customer.writer.js'
import { type ErasableCustomer, findErasable } from './erasable-customer.js'
import { EraseCustomerCommand } from './erase-customer.command.js'
import { type ErasedCounts, type PermanentDeletionBody, recordDeletion } from './permanent-deletion.js'

/** Who is meant by a name changes when customers come and go; that often in a row only by a defect. */
const MOST_LOOKS = 20

/** Who is meant is no longer who was looked for: look again. */
class SomebodyElseError extends Error {}

/** A history of very many events takes longer than any other statement may; waiting for locks is bounded as ever. */
const LONGEST_SECONDS = 300

const LOCK_CUSTOMER = 'SELECT FROM customers WHERE project_id = $1 AND id = $2 FOR UPDATE'

const FORGET_DELETED = 'DELETE FROM deleted_customers WHERE project_id = $1 AND customer_id = ANY ($2)'

@CommandHandler(EraseCustomerCommand)
export class EraseCustomerHandler implements ICommandHandler<EraseCustomerCommand> {
  constructor(
    private readonly database: Database,
    private readonly customers: CustomerRepository,
    private readonly writer: CustomerWriter,
    private readonly traces: TraceEraser,
    private readonly events: EventStore,
  ) {}

  async execute({ context, idOrSourceId }: EraseCustomerCommand): Promise<PermanentDeletionBody> {
    for (let look = 1; ; look++) {
      const person = await this.find(context.projectId, idOrSourceId)
      const traces = await this.traces.look(context.projectId, person)
      try {
        const receipt = await this.erase(context, idOrSourceId, person, traces)
        await this.traces.letChunksGoOn(context.projectId)
        return receipt
      } catch (error) {
        if (!(error instanceof SomebodyElseError) || look === MOST_LOOKS) throw error
      }
    }
  }

  private async find(projectId: string, idOrSourceId: string): Promise<ErasableCustomer> {
    // PostgreSQL holds no NUL in a text, so no customer has such an id.
    const person = idOrSourceId.includes('\0')
      ? undefined
      : await this.database.inProject(projectId, (session) => findErasable(session, projectId, idOrSourceId))
    if (person === undefined) throw notFound('customer', idOrSourceId)
    return person
  }

  /**
   * One transaction, with its locks in the order in which chunks take theirs: customer, total, lane. What may take
   * long comes first: 50,000 events took seconds, in which chunks that do not name the customer go on.
   */
  private erase(
    context: ClientContext,
    idOrSourceId: string,
    person: ErasableCustomer,
    traces: Traces,
  ): Promise<PermanentDeletionBody> {
    const { projectId } = context
    let ownEvents = 0
    return this.writer.write(
      context,
      async (session, occurredAt) => {
        await session.takeUpTo(LONGEST_SECONDS)
        if (person.isLive) await session.execute(LOCK_CUSTOMER, [projectId, person.customerId])
        ownEvents = await this.eraseOwnEvents(session, projectId, person.ids)
        // Of a customer that is gone there is no row to lock: chunks are held back, so that none brings its name back.
        if (!person.isLive) await this.traces.holdChunksBack(session, projectId)
        const found = await findErasable(session, projectId, idOrSourceId)
        if (!isSame(found, person)) throw new SomebodyElseError()
        const changed = person.isLive ? await this.delete(session, projectId, person, occurredAt) : []
        return { id: person.customerId, changed }
      },
      (session) => this.forget(session, context, person, traces, ownEvents),
    )
  }

  private async delete(
    session: Session,
    projectId: string,
    { customerId }: ErasableCustomer,
    occurredAt: Instant,
  ): Promise<ChangedCustomer[]> {
    const loaded = await this.customers.loadById(session, projectId, [customerId])
    return [...loaded.values()].map((customer) => deleted(customer, occurredAt))
  }

  private async forget(
    session: Session,
    context: ClientContext,
    person: ErasableCustomer,
    traces: Traces,
    ownEvents: number,
  ): Promise<PermanentDeletionBody> {
    const { projectId } = context
    const actionEvents = await this.traces.erase(session, projectId, person, traces)
    await session.execute(FORGET_DELETED, [projectId, person.ids])
    const counts = countsOf(actionEvents, ownEvents, person.ids.length)
    const receipt = await recordDeletion(session, context, person.customerId, counts)
    const { client, requestId } = context
    await recordAudit(session, { act: 'customer.erased', projectId, client, requestId, subject: receipt.id })
    return receipt
  }

  private async eraseOwnEvents(session: Session, projectId: string, ids: readonly string[]): Promise<number> {
    let erased = 0
    for (const streamId of ids) {
      for (const { type, data } of ERASED_EVENTS) {
        erased += await this.events.erase(session, projectId, { streamId, type, data })
      }
    }
    return erased
  }
}

const isSame = (one: ErasableCustomer | undefined, other: ErasableCustomer): boolean =>
  one !== undefined && sameJson({ ...one, ids: [...one.ids] }, { ...other, ids: [...other.ids] })

const countsOf = (actionEvents: number, ownEvents: number, customer: number): ErasedCounts => ({
  events: actionEvents + ownEvents,
  customer_events: ownEvents,
  daily_events: 0,
  segments: 0,
  orders: 0,
  order_events: 0,
  customer,
})
