import { Injectable } from '@nestjs/common'
import { Settings } from '../../config/index.js'
import { type Session } from '../../database/index.js'
import { type Instant, plusDays } from '../../kernel/index.js'
import { type AsyncAction, AsyncActionRepository } from '../async-action.repository.js'
import { type AsyncActionCommand } from '../domain/async-action.js'
import { type Lane, Lanes } from './lanes.js'

type WithoutDate<Command> = Command extends { readonly reportsAvailableTill: unknown }
  ? Omit<Command, 'reportsAvailableTill'>
  : never

/** What a run wants of an action; should the action end by it, its report is available from then on. */
export type RunCommand = WithoutDate<AsyncActionCommand>

/** Records what happens to an action while it runs, and only as long as its lane is held. */
@Injectable()
export class ActionRecorder {
  constructor(
    private readonly actions: AsyncActionRepository,
    private readonly lanes: Lanes,
    private readonly settings: Settings,
  ) {}

  /** Throws a `LaneLostError` when the lane is another's; its row stays locked to the end of the transaction. */
  async record(session: Session, lane: Lane, action: AsyncAction, command: RunCommand): Promise<AsyncAction> {
    return this.recordAt(session, action, command, await this.lanes.extend(session, lane))
  }

  /** The same for a transaction that has extended the lane itself; `now` is the time it got. */
  recordAt(session: Session, action: AsyncAction, command: RunCommand, now: Instant): Promise<AsyncAction> {
    const reportsAvailableTill = plusDays(now, this.settings.reportRetentionDays)
    return this.actions.record(session, action, { ...command, reportsAvailableTill }, now)
  }
}
