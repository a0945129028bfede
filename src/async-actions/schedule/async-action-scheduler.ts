import { Injectable } from '@nestjs/common'
import { EventBus } from '@nestjs/cqrs'
import { recordAudit } from '../../audit/index.js'
import { Settings } from '../../config/index.js'
import { Database, type Row, type Session, together, toInstant } from '../../database/index.js'
import {
  type ClientContext,
  type Instant,
  newAsyncActionId,
  type RequestContext,
  tooManyRequests,
} from '../../kernel/index.js'
import { type AsyncAction, AsyncActionRepository } from '../async-action.repository.js'
import { asyncActionDecider } from '../domain/async-action.js'
import { lockAcceptance } from './acceptance-lock.js'
import { type PackedChunk, type Payload, type PayloadSize, storePayload } from './async-action-payload.js'
import { AsyncActionScheduled } from './async-action-scheduled.event.js'
import { acceptedUnder, claimKey, type IdempotencyKey, keepKey } from './idempotency-keys.js'

const NEXT_MILLISECOND = `
  SELECT ${toInstant('next')} AS now FROM (
    SELECT greatest(date_trunc('milliseconds', clock_timestamp()), max(created_at) + interval '1 millisecond') AS next
    FROM async_actions WHERE project_id = $1) later`

const ENSURE_LANE = 'INSERT INTO lanes (project_id) VALUES ($1) ON CONFLICT DO NOTHING'

/** What became of a request. */
export interface Acceptance {
  readonly asyncActionId: string
  /** The same request was accepted before, under the same key; nothing was done this time. */
  readonly isReplay: boolean
}

/** Unfinished actions of a project, and the bytes of rows that wait with them. */
interface OpenActions {
  readonly count: number
  readonly bytes: number
}

const NO_ACTIONS: OpenActions = { count: 0, bytes: 0 }

const SELECT_OPEN = `
  SELECT count(*)::int AS count, coalesce(sum(payload_bytes), 0)::float8 AS bytes
  FROM async_actions WHERE project_id = $1 AND finished_at IS NULL`

/** Accepts work: what it returns has been committed, and will be done whatever happens next. */
@Injectable()
export class AsyncActionScheduler {
  constructor(
    private readonly database: Database,
    private readonly actions: AsyncActionRepository,
    private readonly eventBus: EventBus,
    private readonly settings: Settings,
  ) {}

  /**
   * Stores the payload and schedules its action in one transaction. A request that was accepted under the same `key`
   * before is answered as it was then: for that its payload is not even looked at.
   */
  async schedule(
    context: ClientContext,
    operation: string,
    payload: Payload,
    key?: IdempotencyKey,
  ): Promise<Acceptance> {
    const { projectId } = context
    const earlier = key && (await this.lookUp(projectId, operation, key))
    if (earlier !== undefined) return { asyncActionId: earlier, isReplay: true }
    const action = unscheduled(context, operation)
    const accepted = await withFirstChunk(payload, (begun) => this.accept(context, action, begun, key))
    if (accepted !== action.id) return { asyncActionId: accepted, isReplay: true }
    this.eventBus.publish(new AsyncActionScheduled(projectId, accepted))
    return { asyncActionId: accepted, isReplay: false }
  }

  private lookUp(projectId: string, operation: string, key: IdempotencyKey): Promise<string | undefined> {
    return this.database.inProject(projectId, (session) => acceptedUnder(session, projectId, operation, key))
  }

  /** The id of the action; that of an earlier one when somebody else was faster to use the key. */
  private accept(
    context: ClientContext,
    action: AsyncAction,
    payload: Payload,
    key?: IdempotencyKey,
  ): Promise<string> {
    const { projectId, client, requestId } = context
    const { id, operation } = action
    return this.database.inProject(projectId, async (session) => {
      const earlier = key && (await claimKey(session, projectId, operation, key))
      if (earlier !== undefined) return earlier
      const size = await storePayload(session, projectId, id, payload)
      const [, , open, now] = await together(
        lockAcceptance(session, projectId),
        session.execute(ENSURE_LANE, [projectId]),
        session.row<Row & OpenActions>(SELECT_OPEN, [projectId]),
        nextMillisecond(session, projectId),
      )
      this.refuseBacklog(size, open)
      const command = { type: 'ScheduleAsyncAction', operation, requestId, ...size } as const
      const details = { operation, rows: size.rowCount }
      await together(
        this.actions.record(session, action, command, now),
        recordAudit(session, { act: 'action.accepted', projectId, client, requestId, subject: id, details }),
      )
      if (key) await keepKey(session, projectId, operation, key, id)
      return id
    })
  }

  private refuseBacklog({ payloadBytes }: PayloadSize, { count, bytes }: OpenActions = NO_ACTIONS): void {
    const { maxOpenActions, maxStoredBytes } = this.settings
    if (count >= maxOpenActions) {
      throw tooManyRequests(
        `The project has ${count} unfinished asynchronous actions, the most it may have.`,
        10,
      )
    }
    // One that nothing waits before is taken whatever its size, or it could never be.
    if (count > 0 && bytes + payloadBytes > maxStoredBytes) {
      throw tooManyRequests(
        `The ${count} unfinished asynchronous actions of the project have ${bytes} bytes of rows waiting; ` +
          `with the ${payloadBytes} of this request it were more than ${maxStoredBytes}, the most it may have.`,
        10,
      )
    }
  }
}

/** With its first chunk at hand: what waits for a thread to cut it must not hold a connection meanwhile. */
async function withFirstChunk<T>(payload: Payload, work: (begun: Payload) => Promise<T>): Promise<T> {
  const chunks = payload[Symbol.asyncIterator]()
  const first = await chunks.next()
  try {
    return await work(continued(first, chunks))
  } finally {
    await chunks.return?.()
  }
}

async function* continued(
  first: IteratorResult<PackedChunk>,
  chunks: AsyncIterator<PackedChunk>,
): AsyncGenerator<PackedChunk> {
  for (let next = first; next.done !== true; next = await chunks.next()) yield next.value
}

const unscheduled = ({ projectId, requestId }: RequestContext, operation: string): AsyncAction => ({
  projectId,
  requestId,
  operation,
  id: newAsyncActionId(),
  version: 0,
  state: asyncActionDecider.initialState,
})

/**
 * When the action is scheduled: PostgreSQL's clock in whole milliseconds, and later than every action of the
 * project before it, because clients page through actions by the visible time.
 */
async function nextMillisecond(session: Session, projectId: string): Promise<Instant> {
  const row = await session.row<Row & { now: string }>(NEXT_MILLISECOND, [projectId])
  return Number(row?.now)
}
