import { Injectable } from '@nestjs/common'
import { Settings } from '../../config/index.js'
import { Database } from '../../database/index.js'
import { plusDays } from '../../kernel/index.js'
import { type AsyncAction, AsyncActionRepository } from '../async-action.repository.js'
import { isFinished, type ScheduledAction } from '../domain/async-action.js'
import { ChunkReader } from './chunk-reader.js'
import { ChunkRunner, type ReadChunk } from './chunk-runner.js'
import { type Lane, Lanes } from './lanes.js'

export interface RunOptions {
  /** Ends the run after the chunk at hand. */
  readonly stop: AbortSignal
  /** Apply the first chunk row by row, because as a whole it failed before. */
  readonly rowByRow: boolean
  /** Called after each chunk that took effect. */
  readonly onProgress: () => void
}

/** Works through the action whose turn it is, from its first unprocessed chunk to its end. */
@Injectable()
export class ActionRunner {
  constructor(
    private readonly database: Database,
    private readonly actions: AsyncActionRepository,
    private readonly lanes: Lanes,
    private readonly reader: ChunkReader,
    private readonly chunks: ChunkRunner,
    private readonly settings: Settings,
  ) {}

  async run(lane: Lane, { stop, rowByRow, onProgress }: RunOptions): Promise<void> {
    let action = await this.start(lane)
    if (action === undefined) return
    let upcoming = this.readNext(action)
    for (let first = true; upcoming !== undefined && !stop.aborted; first = false) {
      const chunk: ReadChunk = await upcoming
      upcoming = this.readAfter(action, chunk)
      action = await (rowByRow && first
        ? this.chunks.runRowByRow(lane, action, chunk)
        : this.chunks.run(lane, action, chunk))
      onProgress()
    }
  }

  /** Ends the action at the head of the lane as FAILED: the system cannot go on with it. */
  async fail(lane: Lane, reason: string): Promise<void> {
    await this.database.inProject(lane.projectId, async (session) => {
      const action = await this.actions.head(session, lane.projectId)
      if (action === undefined) return
      const now = await this.lanes.extend(session, lane)
      const reportsAvailableTill = plusDays(now, this.settings.reportRetentionDays)
      await this.actions.record(
        session,
        action,
        { type: 'FailAsyncAction', reason, reportsAvailableTill },
        now,
      )
    })
  }

  private start(lane: Lane): Promise<AsyncAction | undefined> {
    return this.database.inProject(lane.projectId, async (session) => {
      const action = await this.actions.head(session, lane.projectId)
      if (action === undefined || stateOf(action).status !== 'ENQUEUED') return action
      const now = await this.lanes.extend(session, lane)
      const reportsAvailableTill = plusDays(now, this.settings.reportRetentionDays)
      return this.actions.record(session, action, { type: 'StartAsyncAction', reportsAvailableTill }, now)
    })
  }

  private readNext(action: AsyncAction): Promise<ReadChunk> | undefined {
    const state = stateOf(action)
    return isFinished(state) ? undefined : this.readAhead(action, state.nextChunk)
  }

  /** The chunk after this one is read while this one is written. */
  private readAfter(action: AsyncAction, { chunk }: ReadChunk): Promise<ReadChunk> | undefined {
    return chunk + 1 < stateOf(action).chunkCount ? this.readAhead(action, chunk + 1) : undefined
  }

  private readAhead(action: AsyncAction, chunk: number): Promise<ReadChunk> {
    const reading = this.reader.read(action, chunk)
    // Awaited only after the chunk before; until then a failure must not count as unhandled.
    reading.catch(() => undefined)
    return reading
  }
}

function stateOf({ id, state }: AsyncAction): ScheduledAction {
  if (state.kind === 'unscheduled') throw new Error(`${id} is not scheduled.`)
  return state
}
