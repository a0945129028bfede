import { type IQueryHandler, Query, QueryHandler } from '@nestjs/cqrs'
import { recordAudit, REPORT_LINK } from '../../audit/index.js'
import { Database } from '../../database/index.js'
import { isAsyncActionId, notFound, unauthorized } from '../../kernel/index.js'
import { countSegments, loadSegment } from './async-action-report.read-model.js'
import { REPORT_HEADER } from './csv.js'
import { ReportLinks } from './report-links.js'
import { defuseCells } from './safe-csv.js'

/** The report of an action, piece by piece, for whoever holds its link. */
export class GetReportQuery extends Query<AsyncIterable<string>> {
  constructor(
    /** Of the request, when the report is to be sent and not only asked about. */
    readonly requestId: string | undefined,
    readonly asyncActionId: string,
    readonly report: string,
    readonly token: string,
    /** Defuse every cell for spreadsheets. */
    readonly safe: boolean,
  ) {
    super()
  }
}

const WRONG_LINK =
  'This is no link to a report; ask for the async action, whose result has it, and use it as it stands.'

@QueryHandler(GetReportQuery)
export class GetReportHandler implements IQueryHandler<GetReportQuery> {
  constructor(
    private readonly database: Database,
    private readonly links: ReportLinks,
  ) {}

  async execute({
    requestId,
    asyncActionId,
    report,
    token,
    safe,
  }: GetReportQuery): Promise<AsyncIterable<string>> {
    const projectId = await this.links.projectOf(asyncActionId, token)
    if (projectId === undefined || report !== '1') throw unauthorized('Bearer realm="rollcall"', WRONG_LINK)
    const segments = isAsyncActionId(asyncActionId)
      ? await this.database.atOneMoment(projectId, (session) =>
          countSegments(session, projectId, asyncActionId),
        )
      : undefined
    if (segments === undefined) throw notFound('report', asyncActionId)
    if (requestId !== undefined)
      await this.database.inProject(projectId, (session) =>
        recordAudit(session, {
          act: 'report.downloaded',
          projectId,
          client: REPORT_LINK,
          requestId,
          subject: asyncActionId,
        }),
      )
    return this.pieces(projectId, asyncActionId, segments, safe)
  }

  /**
   * One short transaction per piece: a slow reader holds nothing open, and memory stays flat. Whether the report is
   * available was asked when the download began; it goes on to its end, or throws.
   */
  private async *pieces(
    projectId: string,
    asyncActionId: string,
    segments: number,
    safe: boolean,
  ): AsyncGenerator<string> {
    yield REPORT_HEADER
    for (let chunk = 0; chunk < segments; chunk++) {
      const lines = await this.database.atOneMoment(projectId, (session) =>
        loadSegment(session, projectId, asyncActionId, chunk),
      )
      yield safe ? defuseCells(lines) : lines
    }
  }
}
