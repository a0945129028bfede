import { type IQueryHandler, Query, QueryHandler } from '@nestjs/cqrs'
import { Database, type Session } from '../../database/index.js'
import { isAsyncActionId, notFound } from '../../kernel/index.js'
import { findErrors, type ReportedError } from '../report/async-action-report.read-model.js'
import { ReportLinks } from '../report/report-links.js'
import { type AsyncActionBody, toEnded, toListedBody } from './async-action.body.js'
import { type AsyncActionView, findAction } from './async-action.read-model.js'
import { ResultShapes } from './result-shapes.js'

/** One action with its result, once it has one. */
export class GetAsyncActionQuery extends Query<AsyncActionBody> {
  constructor(
    readonly projectId: string,
    readonly asyncActionId: string,
  ) {
    super()
  }
}

@QueryHandler(GetAsyncActionQuery)
export class GetAsyncActionHandler implements IQueryHandler<GetAsyncActionQuery> {
  constructor(
    private readonly database: Database,
    private readonly links: ReportLinks,
    private readonly shapes: ResultShapes,
  ) {}

  async execute({ projectId, asyncActionId }: GetAsyncActionQuery): Promise<AsyncActionBody> {
    if (!isAsyncActionId(asyncActionId)) throw notFound('async_action', asyncActionId)
    const { action, errors } = await this.database.atOneMoment(projectId, async (session) => {
      const action = await findAction(session, projectId, asyncActionId)
      if (action === undefined) throw notFound('async_action', asyncActionId)
      return { action, errors: await this.errorsOf(session, projectId, action) }
    })
    if (action.finishedAt === null) return toListedBody(action)
    const link = await this.links.linkTo(projectId, action.id)
    const result = this.shapes.shapeOf(action.type)(toEnded(action, link, errors))
    return { ...toListedBody(action), result }
  }

  private errorsOf(session: Session, projectId: string, action: AsyncActionView): Promise<ReportedError[]> {
    // An action that ended FAILED shows the one error of the system instead.
    const shown = action.status === 'DONE' && action.rowsFailed > 0
    return shown ? findErrors(session, projectId, action.id) : Promise.resolve([])
  }
}
