import { Injectable, Logger } from '@nestjs/common'
import { Database, forLog, type Session, together } from '../../database/index.js'
import { type RowOutcome } from '../../kernel/index.js'
import { type AsyncAction } from '../async-action.repository.js'
import { ActionRecorder } from './action-recorder.js'
import { type AppliedChunk } from './chunk-handler.js'
import { type ReadChunk } from './chunk-reader.js'
import { type Lane, Lanes } from './lanes.js'
import { isNobodysFault } from './trouble.js'
import { watched } from './watched.js'

/** How far a chunk has come; what comes after it waits for this. Both fail when the chunk does. */
export interface Turn {
  /** It holds the lane, so that whoever asks for the lane now gets it right after this chunk. */
  readonly held: Promise<void>
  /** It has committed; the action as it leaves it. */
  readonly done: Promise<AsyncAction>
}

/** For the first chunk of a run: nothing is before it. */
export const firstTurn = (action: AsyncAction): Turn => ({
  held: Promise.resolve(),
  done: Promise.resolve(action),
})

/**
 * Makes a chunk take effect exactly once: what its rows change, their outcomes, the counters and the report
 * segment commit together, and only while the lane is held and it is the chunk's turn.
 */
@Injectable()
export class ChunkRunner {
  private readonly logger = new Logger(ChunkRunner.name)

  constructor(
    private readonly database: Database,
    private readonly lanes: Lanes,
    private readonly recorder: ActionRecorder,
  ) {}

  /** Applies all rows at once, at any time, and commits when it is the chunk's turn: the ordinary way. */
  run(lane: Lane, turn: Turn, read: ReadChunk): Turn {
    const { handler, context } = read
    const rowCount = read.rows.length
    let rows = read.rows
    return this.inOneTransaction(lane, turn, read, async (session) => {
      const applying = handler.apply(session, context, rows)
      // Rows that are held until the commit are copied by each garbage collection until then.
      rows = []
      const applied = await applying
      if (applied.outcomes.length === rowCount) return applied
      throw new Error(`${handler.operation} did not give one outcome per row.`)
    })
  }

  /** Applies row by row, so that a row on which the system itself fails is given up alone: the last resort. */
  runRowByRow(lane: Lane, turn: Turn, read: ReadChunk): Turn {
    return this.inOneTransaction(lane, turn, read, async (session) => {
      const outcomes: RowOutcome[] = []
      const settles: AppliedChunk['settle'][] = []
      for (const row of read.rows) outcomes.push(await this.applyAlone(session, read, row, settles))
      // After all customers are locked, as when they are applied at once: single writes lock in this order, too.
      // All sent before the lane is asked for: everybody locks totals first, then the lane.
      const settle = async (session: Session): Promise<void> => {
        await together(...settles.map((each) => each(session)))
      }
      return { outcomes, settle }
    })
  }

  /**
   * The lane is asked for as soon as the chunk before holds it: PostgreSQL then hands it over at that chunk's commit,
   * and nothing has to travel in between. With the whole of it behind the commit, a chunk took 20 ms of its own turn.
   */
  private inOneTransaction(
    lane: Lane,
    before: Turn,
    { chunk, firstRow, erasures, revision, context: { asyncActionId } }: ReadChunk,
    apply: (session: Session) => Promise<AppliedChunk>,
  ): Turn {
    let hold = ignore
    const holding = new Promise<void>((resolve) => (hold = resolve))
    const done = this.database.inProject(lane.projectId, async (session) => {
      const { outcomes, settle } = await apply(session)
      await before.held
      const read = { asyncActionId, chunk, erasures, revision }
      const [, now] = await together(settle(session), this.lanes.extend(session, lane, read))
      hold()
      const command = { type: 'RecordChunk', chunk, fence: Number(lane.fence), firstRow, outcomes } as const
      return this.recorder.recordAt(session, await before.done, command, now)
    })
    return { held: watched(Promise.race([holding, done.then(ignore)])), done: watched(done) }
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
      this.logger.error(`A row of ${context.asyncActionId} is given up: ${forLog(error)}`)
      await session.execute('ROLLBACK TO SAVEPOINT before_row')
      return handler.giveUpOn(session, context, row)
    }
  }
}

const ignore = (): void => undefined
