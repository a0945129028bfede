import { Injectable } from '@nestjs/common'
import { Database, isContention, type Session } from '../../database/index.js'
import { VersionConflictError } from '../../event-store/index.js'
import { fold, type Instant, newCustomerId, notFound, type RequestContext } from '../../kernel/index.js'
import { customerDecider, type DeletedCustomer } from '../domain/customer.js'
import { type CustomerRow } from '../domain/customer-row.js'
import { type ChangedCustomer, decideRows, type LoadedCustomer, nextInstant } from '../domain/decide-rows.js'
import { refusedRequest } from '../rows/refused-request.js'
import { type CustomerView, findCustomer } from '../show/customer.read-model.js'
import { allotInstants } from './customer-clock.js'
import { CustomerRepository } from './customer.repository.js'

/** For how long a writer that loses tries again, in milliseconds: then its client gets a 503 and may repeat. */
const PATIENCE_MS = 20_000

/** Of one customer: what is to be written, and the customer it is about. */
export interface Decision {
  readonly id: string
  readonly changed: readonly ChangedCustomer[]
}

/** Looks at what is there and decides; asked again, as `contended`, when another writer was faster. */
export type Decide = (session: Session, occurredAt: Instant, contended: boolean) => Promise<Decision>

/** Writes single customers, safely beside bulk jobs: whoever loses to another writer decides again. */
@Injectable()
export class CustomerWriter {
  constructor(
    private readonly database: Database,
    private readonly customers: CustomerRepository,
  ) {}

  /** Creates or changes the customer that a row names, and gives it back as it is then. */
  upsert(
    context: RequestContext,
    rowOf: (session: Session) => CustomerRow | Promise<CustomerRow>,
  ): Promise<CustomerView> {
    const decide: Decide = async (session, occurredAt, contended) => {
      const row = { ...(await rowOf(session)), occurredAt }
      const loaded = await this.customers.loadNamed(session, context.projectId, [row], contended)
      const { outcomes, changed } = decideRows([row], loaded, newCustomerId)
      const failure = outcomes[0]?.failure
      if (failure?.key === 'not_found') throw notFound('customer', row.customerId ?? '')
      if (failure !== undefined) throw refusedRequest(failure)
      const known = loaded.byId.get(row.customerId ?? '') ?? loaded.bySourceId.get(row.sourceId)
      return { id: idOf(changed[0] ?? known), changed }
    }
    return this.write(context, decide, (session, id) => shown(session, context.projectId, id))
  }

  /** Deletes a customer; `also` does what is to happen in the same transaction, after its row is gone. */
  delete<T = void>(
    context: RequestContext,
    idOf: (session: Session) => Promise<string>,
    also: (session: Session, id: string) => Promise<T>,
  ): Promise<T> {
    const decide: Decide = async (session, occurredAt, contended) => {
      const id = await idOf(session)
      const customer = (await this.customers.loadById(session, context.projectId, [id], contended)).get(id)
      if (customer === undefined) throw notFound('customer', id)
      return { id, changed: [deleted(customer, occurredAt)] }
    }
    return this.write(context, decide, also)
  }

  /** Decides and writes in one transaction; `answer` runs in it after the write. */
  async write<T>(
    context: RequestContext,
    decide: Decide,
    answer: (session: Session, id: string) => Promise<T>,
  ): Promise<T> {
    const deadline = Date.now() + PATIENCE_MS
    // Who lost locks what he changes: of 400 writers of one customer, most lost again and again.
    for (let contended = false; ; contended = true) {
      try {
        return await this.attempt(context, (...args) => decide(...args, contended), answer)
      } catch (error) {
        if (!hasLost(error) || Date.now() > deadline) throw error
      }
    }
  }

  private async attempt<T>(
    { projectId, requestId }: RequestContext,
    decide: (session: Session, occurredAt: Instant) => Promise<Decision>,
    answer: (session: Session, id: string) => Promise<T>,
  ): Promise<T> {
    // In a transaction of its own: all writers of a project wait for each other at its clock.
    const occurredAt = await this.database.inProject(projectId, (session) =>
      allotInstants(session, projectId, 1),
    )
    return this.database.inProject(projectId, async (session) => {
      const { id, changed } = await decide(session, occurredAt)
      const causes = { projectId, correlationId: requestId, causationId: requestId }
      const writes = this.customers.writeOut(causes, changed)
      await writes.send(session)
      // Before whatever else: a chunk locks customers, total and lane in this order, and so must everyone.
      await writes.addToTotal(session)
      return answer(session, id)
    })
  }
}

const hasLost = (error: unknown): boolean => error instanceof VersionConflictError || isContention(error)

function idOf(customer: { id: string } | undefined): string {
  if (customer === undefined) throw new Error('A row without failure names a customer.')
  return customer.id
}

/** A customer as its deletion leaves it. */
export function deleted(
  { id, version, place, changedAt, state }: LoadedCustomer,
  occurredAt: Instant,
): ChangedCustomer {
  const events = customerDecider.decide({ type: 'DeleteCustomer' }, state)
  return {
    id,
    loadedVersion: version,
    place,
    state: fold(customerDecider, state, events) as DeletedCustomer,
    events: events.map((event) => ({ ...event, occurredAt: nextInstant(changedAt, occurredAt) })),
  }
}

async function shown(session: Session, projectId: string, id: string): Promise<CustomerView> {
  const customer = await findCustomer(session, projectId, id)
  // A write that changes nothing locks nothing: somebody may have deleted the customer since it was loaded.
  if (customer === undefined) throw new VersionConflictError(`${id} was deleted by someone else.`)
  return customer
}
