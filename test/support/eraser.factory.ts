import { type CommandBus } from '@nestjs/cqrs'
import { PayloadErasers } from '../../src/async-actions/erase/payload-erasers.js'
import { TraceEraser } from '../../src/async-actions/erase/trace-eraser.js'
import { type AsyncAction } from '../../src/async-actions/async-action.repository.js'
import { type Lane } from '../../src/async-actions/run/lanes.js'
import { BulkUpdateChunkHandler } from '../../src/customers/bulk-update/bulk-update.chunk-handler.js'
import { BULK_UPDATE } from '../../src/customers/bulk-update/bulk-update.handler.js'
import { customerDecider } from '../../src/customers/domain/customer.js'
import { CUSTOMER_EVENT_TYPES } from '../../src/customers/domain/customer.events.js'
import { CustomerPayloadErasers } from '../../src/customers/erase/customer-payload-erasers.js'
import { EraseCustomerCommand } from '../../src/customers/erase/erase-customer.command.js'
import { EraseCustomerHandler } from '../../src/customers/erase/erase-customer.handler.js'
import { type PermanentDeletionBody } from '../../src/customers/erase/permanent-deletion.js'
import { CustomerRepository } from '../../src/customers/store/customer.repository.js'
import { CustomerWriter } from '../../src/customers/store/customer.writer.js'
import { packedPayload } from './payload.factory.js'
import { TestRunner } from './runner.factory.js'
import { eventually } from './rollcall.js'
import { type TestStore } from './test-store.factory.js'

export type Item = Record<string, unknown> & { source_id: string }

/** Customers with everything that writes and erases them, put together by hand, one project. */
export class TestEraser extends TestRunner {
  /** Commands of erasures to ring. */
  readonly rungFor: unknown[] = []
  readonly customers = new CustomerRepository(this.events)
  readonly writer: CustomerWriter
  readonly traces: TraceEraser
  readonly eraser: EraseCustomerHandler

  constructor(
    store: TestStore,
    readonly projectId: string,
  ) {
    super(store)
    const { database } = store
    this.events.register(CUSTOMER_EVENT_TYPES)
    this.handlers.register(new BulkUpdateChunkHandler(this.handlers, this.customers, this.settings))
    const erasers = new PayloadErasers()
    new CustomerPayloadErasers(erasers).onModuleInit()
    this.writer = new CustomerWriter(database, this.customers)
    this.traces = new TraceEraser(database, this.events, erasers, {
      execute: (command: unknown) => Promise.resolve(this.rungFor.push(command)),
    } as unknown as CommandBus)
    this.eraser = new EraseCustomerHandler(database, this.customers, this.writer, this.traces, this.events)
  }

  private get context() {
    return { projectId: this.projectId, requestId: 'v-test', client: 'app' }
  }

  /** Accepts a bulk update, one inner list per chunk. */
  async bulk(...chunks: Item[][]): Promise<string> {
    return (await this.scheduler.schedule(this.context, BULK_UPDATE, packedPayload(chunks.map(toText))))
      .asyncActionId
  }

  /** Accepts a bulk update and carries everything out that waits. */
  async done(...chunks: Item[][]): Promise<string> {
    const id = await this.bulk(...chunks)
    await this.worker().ring()
    return id
  }

  /** The project's lane, its first action started, nothing of it carried out. */
  async started(): Promise<{ lane: Lane; action: AsyncAction }> {
    const lane = await this.lanes.claim()
    if (lane === undefined) throw new Error('There is no lane to claim.')
    await this.runner.run(lane, {
      stop: AbortSignal.abort(),
      contended: false,
      rowByRow: false,
      onProgress: () => undefined,
    })
    const action = await this.store.database.inProject(this.projectId, (session) =>
      this.actions.head(session, this.projectId),
    )
    if (action === undefined) throw new Error('There is no action.')
    return { lane, action }
  }

  /** Gives the lane back and lets a worker carry everything out. */
  async finish(lane: Lane): Promise<void> {
    await this.lanes.release(lane)
    await this.worker().ring()
  }

  erase(idOrSourceId: string): Promise<PermanentDeletionBody> {
    return this.eraser.execute(new EraseCustomerCommand(this.context, idOrSourceId))
  }

  /** Deletes a customer in the ordinary way: its past stays in the log. */
  async delete(sourceId: string): Promise<void> {
    await this.writer.write(
      this.context,
      async (session, occurredAt) => {
        const loaded = await this.customers.load(session, this.projectId, [sourceId])
        const changed = [...loaded.values()].map(({ id, version, place, state }) => ({
          id,
          loadedVersion: version,
          place,
          state: { kind: 'deleted' as const },
          events: customerDecider
            .decide({ type: 'DeleteCustomer' }, state)
            .map((event) => ({ ...event, occurredAt })),
        }))
        return { id: sourceId, changed }
      },
      () => Promise.resolve(),
    )
  }

  async customerId(sourceId: string): Promise<string | undefined> {
    const [row] = await this.store.query<{ id: string }>(
      'SELECT id FROM customers WHERE project_id = $1 AND source_id = $2',
      [this.projectId, sourceId],
    )
    return row?.id
  }

  /** Resolves when somebody holds a customer's row. */
  async waitForLockOn(table: string, sourceId: string): Promise<void> {
    await eventually(`${sourceId} is locked`, async () => {
      const rows = await this.store.query(
        `SELECT FROM ${table} WHERE project_id = $1 AND source_id = $2 FOR UPDATE SKIP LOCKED`,
        [this.projectId, sourceId],
      )
      return rows.length === 0 ? rows : undefined
    })
  }

  /** Resolves when so many transactions wait for others. */
  async waiting(count: number): Promise<void> {
    await eventually(`${String(count)} transactions wait`, async () => {
      const [row] = await this.store.query<{ count: number }>(
        `SELECT count(*)::int AS count FROM pg_stat_activity
         WHERE datname = current_database() AND wait_event_type = 'Lock'`,
      )
      return row?.count === count ? row : undefined
    })
  }
}

const toText = (items: Item[]) => ({ text: JSON.stringify(items), rowCount: items.length })
