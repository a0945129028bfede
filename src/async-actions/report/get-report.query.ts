import { type IQueryHandler, Query, QueryHandler } from '@nestjs/cqrs'
import { Database } from '../../database/index.js'
import { isAsyncActionId, notFound, unauthorized } from '../../kernel/index.js'
import { findSegment, isReportAvailable } from './async-action-report.read-model.js'
import { REPORT_HEADER } from './csv.js'
import { ReportLinks } from './report-links.js'
import { defuseCells } from './safe-csv.js'

/** The report of an action, piece by piece, for whoever holds its link. */
export class GetReportQuery extends Query<AsyncIterable<string>> {
  constructor(
    readonly asyncActionId: string,
    readonly report: string,
    readonly token: string,
    /** Defuse every cell for spreadsheets. */
    readonly safe: boolean,
  ) {
    super()
  }
}

@QueryHandler(GetReportQuery)
export class GetReportHandler implements IQueryHandler<GetReportQuery> {
  constructor(
    private readonly database: Database,
    private readonly links: ReportLinks,
  ) {}

  async execute({ asyncActionId, report, token, safe }: GetReportQuery): Promise<AsyncIterable<string>> {
    const projectId = await this.links.projectOf(asyncActionId, token)
    if (projectId === undefined || report !== '1') throw unauthorized('Bearer realm="rollcall"')
    const available =
      isAsyncActionId(asyncActionId) &&
      (await this.database.inProject(projectId, (session) =>
        isReportAvailable(session, projectId, asyncActionId),
      ))
    if (!available) throw notFound('report', asyncActionId)
    return this.pieces(projectId, asyncActionId, safe)
  }

  /** One short transaction per piece: a slow reader holds nothing open, and memory stays flat. */
  private async *pieces(projectId: string, asyncActionId: string, safe: boolean): AsyncGenerator<string> {
    yield REPORT_HEADER
    for (let chunk = 0; ; chunk++) {
      const lines = await this.database.inProject(projectId, (session) =>
        findSegment(session, projectId, asyncActionId, chunk),
      )
      if (lines === undefined) return
      yield safe ? defuseCells(lines) : lines
    }
  }
}
