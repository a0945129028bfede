import { Injectable } from '@nestjs/common'
import { hostname } from 'node:os'
import { Settings } from '../../config/index.js'
import { Database, type Row, type Session, toInstant } from '../../database/index.js'
import { type Instant } from '../../kernel/index.js'
import { headOf } from '../head-of.js'
import { lockAcceptance } from '../schedule/acceptance-lock.js'
import { areUntouched, type ReadRows } from '../schedule/async-action-payload.js'
import { ChunkHandlers } from './chunk-handler.js'

/** The right to work on a project's actions, until the lease ends or someone with a higher fence has it. */
export interface Lane {
  readonly projectId: string
  /** Rises with every claim; what carries an older one is refused. */
  readonly fence: string
  /** How often a worker took up the action at its head since a chunk of it last took effect, this time included. */
  readonly attempts: number
}

/** The lane was claimed by another worker meanwhile: stop, and write nothing. */
export class LaneLostError extends Error {
  constructor({ projectId, fence }: Lane) {
    super(`The lane of project ${projectId} is no longer held with fence ${fence}.`)
  }
}

/** Somebody was erased after the rows of a chunk were read: read them again. */
export class RowsErasedError extends Error {
  constructor() {
    super('The rows of a chunk were read before an erasure.')
  }
}

/** A lane that has work and that nobody holds, with the action whose turn it is. */
interface WaitingLane {
  readonly projectId: string
  readonly asyncActionId: string
}

const LEASE = `clock_timestamp() + $2 * interval '1 millisecond'`
const IS_FREE = `(lane.lease_until IS NULL OR lane.lease_until < clock_timestamp())`
/** Of an action that only a newer release knows, this one leaves the lane alone. */
const HAS_WORK = `(${headOf('lane.project_id', 'type')}) = ANY ($3)`

/** Changes the count of the action whose turn it is in a lane that the CTE `lane` has. */
const COUNT_ATTEMPTS = (attempts: string): string => `
  UPDATE async_actions action SET attempts = ${attempts}
  FROM lane CROSS JOIN LATERAL (${headOf('lane.project_id', 'id')}) head
  WHERE action.project_id = lane.project_id AND action.id = head.id AND action.finished_at IS NULL`

/**
 * Of the free lanes with work the one that has waited longest; two workers never get the same. The attempt is counted
 * beforehand: a process that dies of what it does has no time to.
 */
const CLAIM = `
  WITH lane AS (
    UPDATE lanes SET fence = fence + 1, owner = $1, lease_until = ${LEASE}, last_served = clock_timestamp()
    WHERE project_id = (
      SELECT project_id FROM lanes lane WHERE ${IS_FREE} AND ${HAS_WORK}
      ORDER BY last_served NULLS FIRST LIMIT 1 FOR UPDATE SKIP LOCKED)
    RETURNING project_id, fence),
  taken_up AS (${COUNT_ATTEMPTS('action.attempts + 1')} RETURNING action.attempts)
  SELECT project_id, fence, coalesce((SELECT attempts FROM taken_up), 1) AS attempts FROM lane`

const EXTEND = `
  UPDATE lanes SET lease_until = ${LEASE} WHERE project_id = $1 AND fence = $3
  RETURNING ${toInstant('clock_timestamp()')} AS now, erasures`

/** Whoever gives a lane back has survived what it did there: its attempt is taken back. */
const RELEASE = `
  WITH lane AS (
    UPDATE lanes SET owner = NULL, lease_until = NULL WHERE project_id = $1 AND fence = $2 RETURNING project_id)
  ${COUNT_ATTEMPTS('action.attempts - 1')} AND action.attempts > 0`

const NEXT = headOf('$1', 'id')

/** In the order in which they will be claimed, so that with each lane that is served another comes within the limit. */
const WAITING = `
  SELECT lane.project_id, head.id FROM lanes lane CROSS JOIN LATERAL (${headOf('lane.project_id', 'id')}) head
  WHERE ${IS_FREE} ORDER BY last_served NULLS FIRST LIMIT $1`

/** One lane per project keeps its actions in order: a worker claims the lane, never an action. */
@Injectable()
export class Lanes {
  private readonly owner = `${hostname()}:${process.pid}`

  constructor(
    private readonly database: Database,
    private readonly handlers: ChunkHandlers,
    private readonly settings: Settings,
  ) {}

  /** A free lane with work, or nothing. */
  claim(): Promise<Lane | undefined> {
    return this.database.acrossProjects(async (session) => {
      const row = await session.row<Row & { project_id: string; fence: string; attempts: number }>(CLAIM, [
        this.owner,
        this.settings.laneLeaseMs,
        this.handlers.operations,
      ])
      return row && { projectId: row.project_id, fence: row.fence, attempts: row.attempts }
    })
  }

  /**
   * Checks the fence and extends the lease, as part of whatever the transaction does; throws a
   * {@link LaneLostError} when the lane is another's. The row stays locked to the end of the transaction, so
   * that nobody can claim the lane between this check and the commit, nor erase anything in the project. Returns
   * PostgreSQL's time. Rows that an erasure rewrote after they were read are refused; whether one did is looked up only
   * when there was one, and chunks that name nobody who is erased go on, or many erasures would hold them up for ever.
   */
  async extend(session: Session, lane: Lane, read?: ReadRows): Promise<Instant> {
    const row = await session.row<Row & { now: string; erasures: string }>(EXTEND, [
      lane.projectId,
      this.settings.laneLeaseMs,
      lane.fence,
    ])
    if (row === undefined) throw new LaneLostError(lane)
    if (read !== undefined && row.erasures !== read.erasures) {
      if (!(await areUntouched(session, lane.projectId, read))) throw new RowsErasedError()
    }
    return Number(row.now)
  }

  /** Extends the lease by itself; false when the lane is another's. */
  renew(lane: Lane): Promise<boolean> {
    const { projectId, fence } = lane
    return this.database.acrossProjects(
      async (session) => (await session.execute(EXTEND, [projectId, this.settings.laneLeaseMs, fence])) > 0,
    )
  }

  /**
   * Gives the lane back and names the action that waits in it, if there is one. The look for more work happens under
   * the acceptance lock, so that an action accepted at the same moment is seen here or finds the lane free.
   */
  release(lane: Lane): Promise<string | undefined> {
    return this.database.acrossProjects(async (session) => {
      await lockAcceptance(session, lane.projectId)
      await session.execute(RELEASE, [lane.projectId, lane.fence])
      return (await session.row<Row & { id: string }>(NEXT, [lane.projectId]))?.id
    })
  }

  /** Lanes that have work and no live lease, those first that have waited longest, at most `limit`. */
  waiting(limit: number): Promise<WaitingLane[]> {
    return this.database.acrossProjects(async (session) => {
      const rows = await session.rows<Row & { project_id: string; id: string }>(WAITING, [limit])
      return rows.map(({ project_id: projectId, id: asyncActionId }) => ({ projectId, asyncActionId }))
    })
  }
}
