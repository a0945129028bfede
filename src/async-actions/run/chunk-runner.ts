import { Injectable, Logger } from '@nestjs/common'
import { Database, type Session } from '../../database/index.js'
import { type RowOutcome } from '../../kernel/index.js'
import { type AsyncAction } from '../async-action.repository.js'
import { ActionRecorder } from './action-recorder.js'
import { type AppliedChunk } from './chunk-handler.js'
import { type ReadChunk } from './chunk-reader.js'
import { type Lane } from './lanes.js'
import { isNobodysFault } from './trouble.js'

/** The action as the chunk before leaves it: settles when that chunk has committed, or failed. */
export type Turn = Promise<AsyncAction>

/**
 * Makes a chunk take effect exactly once: what its rows change, their outcomes, the counters and the report
 * segment commit together, and only while the lane is held and it is the chunk's turn.
 */
@Injectable()
export class ChunkRunner {
  private readonly logger = new Logger(ChunkRunner.name)

  constructor(
    private readonly database: Database,
    private readonly recorder: ActionRecorder,
  ) {}

  /** Applies all rows at once, at any time, and commits when it is the chunk's turn: the ordinary way. */
  run(lane: Lane, turn: Turn, read: ReadChunk): Turn {
    return this.inOneTransaction(lane, turn, read, async (session) => {
      const applied = await read.handler.apply(session, read.context, read.rows)
      if (applied.outcomes.length === read.rows.length) return applied
      throw new Error(`${read.handler.operation} did not give one outcome per row.`)
    })
  }

  /** Applies row by row, so that a row on which the system itself fails is given up alone: the last resort. */
  runRowByRow(lane: Lane, turn: Turn, read: ReadChunk): Turn {
    return this.inOneTransaction(lane, turn, read, async (session) => {
      const outcomes: RowOutcome[] = []
      const settles: AppliedChunk['settle'][] = []
      for (const row of read.rows) outcomes.push(await this.applyAlone(session, read, row, settles))
      // After all customers are locked, as when they are applied at once: single writes lock in this order, too.
      const settle = async (session: Session): Promise<void> => {
        for (const each of settles) await each(session)
      }
      return { outcomes, settle }
    })
  }

  private inOneTransaction(
    lane: Lane,
    turn: Turn,
    { chunk, firstRow, erasures, revision }: ReadChunk,
    apply: (session: Session) => Promise<AppliedChunk>,
  ): Turn {
    return this.database.inProject(lane.projectId, async (session) => {
      const { outcomes, settle } = await apply(session)
      const action = await turn
      await settle(session)
      const command = { type: 'RecordChunk', chunk, firstRow, outcomes } as const
      return this.recorder.record(session, lane, action, command, {
        asyncActionId: action.id,
        chunk,
        erasures,
        revision,
      })
    })
  }

  private async applyAlone(
    session: Session,
    read: ReadChunk,
    row: unknown,
    settles: AppliedChunk['settle'][],
  ): Promise<RowOutcome> {
    const { handler, context } = read
    await session.execute('SAVEPOINT before_row')
    try {
      const { outcomes, settle } = await handler.apply(session, context, [row])
      const [outcome] = outcomes
      if (outcome === undefined) throw new Error(`${handler.operation} gave no outcome for a row.`)
      await session.execute('RELEASE SAVEPOINT before_row')
      settles.push(settle)
      return outcome
    } catch (error) {
      if (isNobodysFault(error)) throw error
      this.logger.error(`A row of ${context.asyncActionId} is given up: ${String(error)}`)
      await session.execute('ROLLBACK TO SAVEPOINT before_row')
      return handler.giveUpOn(session, context, row)
    }
  }
}
