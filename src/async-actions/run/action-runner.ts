import { Injectable } from '@nestjs/common'
import { Database } from '../../database/index.js'
import { type AsyncAction, AsyncActionRepository } from '../async-action.repository.js'
import { isFinished, type ScheduledAction } from '../domain/async-action.js'
import { ActionRecorder } from './action-recorder.js'
import { ChunkPipeline, type PipelineOptions } from './chunk-pipeline.js'
import { ChunkReader } from './chunk-reader.js'
import { ChunkRunner, firstTurn } from './chunk-runner.js'
import { type Lane } from './lanes.js'

export interface RunOptions extends PipelineOptions {
  /** Apply the first chunk row by row, because as a whole it failed before. */
  readonly rowByRow: boolean
}

/** Works through the action whose turn it is, from its first unprocessed chunk to its end. */
@Injectable()
export class ActionRunner {
  constructor(
    private readonly database: Database,
    private readonly actions: AsyncActionRepository,
    private readonly recorder: ActionRecorder,
    private readonly reader: ChunkReader,
    private readonly chunks: ChunkRunner,
    private readonly pipeline: ChunkPipeline,
  ) {}

  async run(lane: Lane, { rowByRow, ...options }: RunOptions): Promise<void> {
    let action = await this.start(lane)
    if (action === undefined || isFinished(stateOf(action))) return
    if (rowByRow) {
      const read = await this.reader.read(action, stateOf(action).nextChunk, options.contended)
      action = await this.chunks.runRowByRow(lane, firstTurn(action), read).done
      options.onProgress()
    }
    const { nextChunk: from, chunkCount: end } = stateOf(action)
    if (from < end) await this.pipeline.run(lane, action, { from, end }, options)
  }

  /** Ends the action at the head of the lane as FAILED: the system cannot go on with it. */
  async fail(lane: Lane, reason: string): Promise<void> {
    await this.database.inProject(lane.projectId, async (session) => {
      const action = await this.actions.head(session, lane.projectId)
      if (action !== undefined) {
        await this.recorder.record(session, lane, action, { type: 'FailAsyncAction', reason })
      }
    })
  }

  private start(lane: Lane): Promise<AsyncAction | undefined> {
    return this.database.inProject(lane.projectId, async (session) => {
      const action = await this.actions.head(session, lane.projectId)
      if (action === undefined || stateOf(action).status !== 'ENQUEUED') return action
      return this.recorder.record(session, lane, action, { type: 'StartAsyncAction' })
    })
  }
}

function stateOf({ id, state }: AsyncAction): ScheduledAction {
  if (state.kind === 'unscheduled') throw new Error(`${id} is not scheduled.`)
  return state
}
