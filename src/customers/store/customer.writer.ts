import { Injectable } from '@nestjs/common'
import { Database, isContention, type Session } from '../../database/index.js'
import { VersionConflictError } from '../../event-store/index.js'
import { type Instant, type RequestContext } from '../../kernel/index.js'
import { type ChangedCustomer } from '../domain/decide-rows.js'
import { allotInstants } from './customer-clock.js'
import { CustomerRepository } from './customer.repository.js'

/** Every loss means that someone else's write took effect; nobody loses this often but by a defect. */
const MOST_ATTEMPTS = 50

/** Looks at what is there and decides what is to change; asked again when another writer was faster. */
export type Decide = (session: Session, occurredAt: Instant) => Promise<readonly ChangedCustomer[]>

/** Writes single customers, safely beside bulk jobs: whoever loses to another writer decides again. */
@Injectable()
export class CustomerWriter {
  constructor(
    private readonly database: Database,
    private readonly customers: CustomerRepository,
  ) {}

  /** Decides and writes in one transaction; what `read` finds after the write is the answer. */
  async write<T>(
    context: RequestContext,
    decide: Decide,
    read: (session: Session) => Promise<T>,
  ): Promise<T> {
    const { projectId } = context
    for (let attempt = 1; ; attempt++) {
      // In a transaction of its own: all writers of a project wait for each other at its clock.
      const occurredAt = await this.database.inProject(projectId, (session) =>
        allotInstants(session, projectId, 1),
      )
      try {
        return await this.database.inProject(projectId, async (session) => {
          await this.save(session, context, await decide(session, occurredAt))
          return read(session)
        })
      } catch (error) {
        if (!hasLost(error) || attempt === MOST_ATTEMPTS) throw error
      }
    }
  }

  private async save(
    session: Session,
    { projectId, requestId }: RequestContext,
    changed: readonly ChangedCustomer[],
  ): Promise<void> {
    const causes = { projectId, correlationId: requestId, causationId: requestId }
    await this.customers.save(session, causes, changed)
    await this.customers.addToTotal(session, projectId, changed)
  }
}

const hasLost = (error: unknown): boolean => error instanceof VersionConflictError || isContention(error)
