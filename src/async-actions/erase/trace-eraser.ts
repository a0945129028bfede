import { Injectable, Logger } from '@nestjs/common'
import { CommandBus } from '@nestjs/cqrs'
import { Database, type Row, type Session } from '../../database/index.js'
import { EventStore } from '../../event-store/index.js'
import { type Subject } from '../domain/erase-outcomes.js'
import { EnqueueAsyncActionCommand } from '../enqueue/enqueue-async-action.command.js'
import { headOf } from '../head-of.js'
import { eraseFromOutcomes, eraseFromPayload, findErasedPayload, removeCarriedOut } from './erase-chunks.js'
import {
  type ChunkPlace,
  findOnPage,
  findSince,
  type Horizon,
  type Kept,
  lookAtHorizon,
} from './find-traces.js'
import { PayloadErasers } from './payload-erasers.js'

/** Where actions name a subject, as it was found without holding anybody up. */
export interface Traces {
  readonly horizon: Horizon
  readonly found: Record<Kept, readonly ChunkPlace[]>
}

const HOLD_CHUNKS_BACK = `
  INSERT INTO lanes (project_id, erasures) VALUES ($1, 1)
  ON CONFLICT (project_id) DO UPDATE SET erasures = lanes.erasures + 1`

const NEXT_ACTION = headOf('$1', 'id')

const FIRST_PLACE: ChunkPlace = { asyncActionId: '', chunk: -1 }

/**
 * Makes a project's actions forget a subject: rows that wait, the events of rows that were processed, and the reports
 * made from those. In two steps, because what there is to look through may be large, and what there is to change is
 * not.
 */
@Injectable()
export class TraceEraser {
  private readonly logger = new Logger(TraceEraser.name)

  constructor(
    private readonly database: Database,
    private readonly events: EventStore,
    private readonly erasers: PayloadErasers,
    private readonly commands: CommandBus,
  ) {}

  /**
   * Looks for the subject, through reports page by page and through rows that wait chunk by chunk, each in a short
   * transaction of its own, and locks nothing.
   */
  async look(projectId: string, subject: Subject): Promise<Traces> {
    const horizon = await this.database.inProject(projectId, (session) => lookAtHorizon(session, projectId))
    const reports = await this.lookThrough(projectId, 'reports', subject)
    const payloads = await this.lookThrough(projectId, 'payloads', subject)
    return { horizon, found: { reports, payloads } }
  }

  /**
   * No chunk of the project commits from here to the end of the transaction, and none ever that was read before.
   * To be called after every lock that chunks take before the lane: whoever waited for one of those while chunks
   * wait here would wait for ever.
   */
  async holdChunksBack(session: Session, projectId: string): Promise<void> {
    await session.execute(HOLD_CHUNKS_BACK, [projectId])
  }

  /** Erases what was found, and what came since; the answer is the number of events that lost data. */
  async erase(session: Session, projectId: string, subject: Subject, traces: Traces): Promise<number> {
    await this.holdChunksBack(session, projectId)
    await removeCarriedOut(session, projectId)
    const since = await findSince(session, projectId, subject, traces.horizon)
    for (const place of distinct(traces.found.payloads, since.payloads)) {
      await eraseFromPayload(session, this.erasers, projectId, place, subject)
    }
    let events = 0
    for (const place of distinct(traces.found.reports, since.reports)) {
      events += await eraseFromOutcomes(session, this.events, projectId, place, subject)
    }
    return events
  }

  /** To be called after the commit: a worker that looked for work meanwhile passed over the lane that was held. */
  async letChunksGoOn(projectId: string): Promise<void> {
    try {
      const next = await this.database.inProject(projectId, (session) =>
        session.row<Row & { id: string }>(NEXT_ACTION, [projectId]),
      )
      if (next) await this.commands.execute(new EnqueueAsyncActionCommand(projectId, next.id))
    } catch (error) {
      // What was erased is erased: who asked for it must be told so. Workers look for work by themselves.
      this.logger.warn(`Project ${projectId} waits for the next poll: ${String(error)}`)
    }
  }

  private async lookThrough(projectId: string, kept: Kept, subject: Subject): Promise<ChunkPlace[]> {
    const found: ChunkPlace[] = []
    let place: ChunkPlace | undefined = FIRST_PLACE
    while (place !== undefined) {
      const behind: ChunkPlace = place
      const { named, next } = await this.database.inProject(projectId, (session) =>
        findOnPage(session, projectId, kept, subject, behind),
      )
      found.push(...(kept === 'reports' ? named : await this.lookCloser(projectId, named, subject)))
      place = next
    }
    return found
  }

  /** One chunk of rows that wait at a time: a page of them, unpacked, could be more than there is memory. */
  private async lookCloser(
    projectId: string,
    places: readonly ChunkPlace[],
    subject: Subject,
  ): Promise<ChunkPlace[]> {
    const naming: ChunkPlace[] = []
    for (const place of places) {
      const erased = await this.database.inProject(projectId, (session) =>
        findErasedPayload(session, this.erasers, projectId, place, subject),
      )
      if (erased !== undefined) naming.push(place)
    }
    return naming
  }
}

const distinct = (...places: readonly (readonly ChunkPlace[])[]): ChunkPlace[] => [
  ...new Map(places.flat().map((place) => [`${place.asyncActionId} ${String(place.chunk)}`, place])).values(),
]
