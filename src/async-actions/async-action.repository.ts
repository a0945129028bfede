import { Injectable } from '@nestjs/common'
import { type Row, type Session, together } from '../database/index.js'
import { EventStore } from '../event-store/index.js'
import { fold, type Instant } from '../kernel/index.js'
import {
  type AsyncActionCommand,
  asyncActionDecider,
  type AsyncActionState,
  type AsyncActionStatus,
} from './domain/async-action.js'
import { headOf } from './head-of.js'
import { projectReport } from './report/async-action-report.projection.js'
import { projectStatus } from './status/async-action-status.projection.js'

/** An asynchronous action as it was last read or written. */
export interface AsyncAction {
  readonly projectId: string
  readonly id: string
  readonly requestId: string
  readonly operation: string
  readonly version: number
  readonly state: AsyncActionState
}

const SELECT_HEAD = headOf('$1', 'id, request_id, type, version, status, chunk_count, next_chunk')

interface HeadRow extends Row {
  id: string
  request_id: string
  type: string
  version: number
  status: AsyncActionStatus
  chunk_count: number
  next_chunk: number
}

/** Loads actions from their status row, which is their snapshot, and records what happens to them. */
@Injectable()
export class AsyncActionRepository {
  constructor(private readonly events: EventStore) {}

  /** The action whose turn it is, in progress or not. */
  async head(session: Session, projectId: string): Promise<AsyncAction | undefined> {
    const row = await session.row<HeadRow>(SELECT_HEAD, [projectId])
    if (row === undefined) return undefined
    const { id, request_id: requestId, type: operation, version, status } = row
    const state = {
      kind: 'scheduled',
      status,
      chunkCount: row.chunk_count,
      nextChunk: row.next_chunk,
    } as const
    return { projectId, id, requestId, operation, version, state }
  }

  /** Decides a command, appends its events and projects them, all in the caller's transaction. */
  async record(
    session: Session,
    action: AsyncAction,
    command: AsyncActionCommand,
    occurredAt: Instant,
  ): Promise<AsyncAction> {
    const { projectId, id, requestId, version } = action
    const events = asyncActionDecider.decide(command, action.state)
    const append = {
      streamId: id,
      expectedVersion: version,
      events: events.map((event) => ({ ...event, occurredAt })),
    }
    await together(
      this.events.append(session, { projectId, correlationId: requestId, causationId: id }, [append]),
      ...events.flatMap((event, index) => {
        const projected = { projectId, asyncActionId: id, version: version + index + 1, occurredAt, event }
        return [projectStatus(session, projected), projectReport(session, projected)]
      }),
    )
    return {
      ...action,
      version: version + events.length,
      state: fold(asyncActionDecider, action.state, events),
    }
  }
}
