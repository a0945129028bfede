import { Injectable, Logger } from '@nestjs/common'
import { Settings } from '../../config/index.js'
import { Database, isContention, isOutage, type Session } from '../../database/index.js'
import { VersionConflictError } from '../../event-store/index.js'
import { plusDays } from '../../kernel/index.js'
import { type AsyncAction, AsyncActionRepository } from '../async-action.repository.js'
import { type RowOutcome } from '../domain/row-outcome.js'
import { type ChunkContext, type ChunkHandler } from './chunk-handler.js'
import { type Lane, Lanes } from './lanes.js'

/** One chunk of an action, read and ready to be applied. */
export interface ReadChunk {
  readonly chunk: number
  readonly handler: ChunkHandler
  readonly rows: readonly unknown[]
}

/**
 * Makes a chunk take effect exactly once: what its rows change, their outcomes, the counters and the report
 * segment commit together, and only while the lane is held and it is the chunk's turn.
 */
@Injectable()
export class ChunkRunner {
  private readonly logger = new Logger(ChunkRunner.name)

  constructor(
    private readonly database: Database,
    private readonly actions: AsyncActionRepository,
    private readonly lanes: Lanes,
    private readonly settings: Settings,
  ) {}

  /** Applies all rows at once: the ordinary way. */
  run(lane: Lane, action: AsyncAction, chunk: ReadChunk): Promise<AsyncAction> {
    return this.inOneTransaction(lane, action, chunk, (session) =>
      chunk.handler.apply(session, contextOf(action), chunk.rows),
    )
  }

  /** Applies row by row, so that a row on which the system itself fails is given up alone: the last resort. */
  runRowByRow(lane: Lane, action: AsyncAction, chunk: ReadChunk): Promise<AsyncAction> {
    return this.inOneTransaction(lane, action, chunk, async (session) => {
      const outcomes: RowOutcome[] = []
      for (const row of chunk.rows) outcomes.push(await this.applyAlone(session, action, chunk.handler, row))
      return outcomes
    })
  }

  private inOneTransaction(
    lane: Lane,
    action: AsyncAction,
    { chunk }: ReadChunk,
    apply: (session: Session) => Promise<RowOutcome[]>,
  ): Promise<AsyncAction> {
    return this.database.inProject(lane.projectId, async (session) => {
      const outcomes = await apply(session)
      const now = await this.lanes.extend(session, lane)
      const reportsAvailableTill = plusDays(now, this.settings.reportRetentionDays)
      return this.actions.record(
        session,
        action,
        { type: 'RecordChunk', chunk, outcomes, reportsAvailableTill },
        now,
      )
    })
  }

  private async applyAlone(
    session: Session,
    action: AsyncAction,
    handler: ChunkHandler,
    row: unknown,
  ): Promise<RowOutcome> {
    await session.rows('SAVEPOINT before_row')
    try {
      const [outcome] = await handler.apply(session, contextOf(action), [row])
      if (outcome === undefined) throw new Error(`${handler.operation} gave no outcome for a row.`)
      await session.rows('RELEASE SAVEPOINT before_row')
      return outcome
    } catch (error) {
      if (isNobodysFault(error)) throw error
      this.logger.error(`A row of ${action.id} is given up: ${String(error)}`)
      await session.rows('ROLLBACK TO SAVEPOINT before_row')
      return handler.giveUpOn(row)
    }
  }
}

/** Errors that say nothing about the rows: the same work succeeds later. */
export const isNobodysFault = (error: unknown): boolean =>
  error instanceof VersionConflictError || isContention(error) || isOutage(error)

const contextOf = ({ projectId, requestId, id }: AsyncAction): ChunkContext => ({
  projectId,
  requestId,
  asyncActionId: id,
})
