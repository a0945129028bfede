import { Controller, Get, Param, Query, Req, Res } from '@nestjs/common'
import { QueryBus } from '@nestjs/cqrs'
import { ApiOperation, ApiParam, ApiProduces, ApiResponse, ApiTags } from '@nestjs/swagger'
import { type Request, type Response } from 'express'
import { Public } from '../../auth/index.js'
import { ApiErrors, queryPipe, streamText } from '../../http/index.js'
import { GetReportQuery } from './get-report.query.js'
import { ReportDownloadDto } from './report-download.dto.js'

@ApiTags('Async actions')
@Public()
@Controller('v1/async-actions')
export class ReportController {
  constructor(private readonly queries: QueryBus) {}

  @Get(':asyncActionId/reports/:report')
  @ApiOperation({
    operationId: 'downloadReport',
    summary: 'Download the report of an action',
    description:
      'The link comes ready-made in `result.reports` and needs no other credential. One line per row of the request, in its order: `source_id,found,updated,key,message,details` (RFC 4180, UTF-8). `found` tells whether the customer existed before the row, `updated` whether the row had an effect.',
  })
  @ApiParam({ name: 'asyncActionId', description: 'Id of the action.' })
  @ApiParam({ name: 'report', schema: { type: 'integer', enum: [1] }, description: 'There is one report.' })
  @ApiProduces('text/csv')
  @ApiResponse({
    status: 200,
    description: 'The report.',
    content: {
      'text/csv': {
        schema: { type: 'string' },
        example: 'source_id,found,updated,key,message,details\r\nJohn.Smith@email.com,false,true,,,\r\n',
      },
    },
  })
  @ApiErrors(400, 401, 404)
  async download(
    @Param('asyncActionId') asyncActionId: string,
    @Param('report') report: string,
    @Query(queryPipe(ReportDownloadDto)) { token, safe }: ReportDownloadDto,
    @Req() { method, requestId }: Request,
    @Res() response: Response,
  ): Promise<void> {
    const query = new GetReportQuery(
      method === 'HEAD' ? undefined : requestId,
      asyncActionId,
      report,
      token,
      safe === '1',
    )
    const lines = await this.queries.execute(query)
    response.set({
      'Content-Type': 'text/csv; charset=utf-8',
      'Content-Disposition': `attachment; filename="${asyncActionId}.csv"`,
      'Cache-Control': 'private, no-store',
      'X-Content-Type-Options': 'nosniff',
    })
    if (method === 'HEAD') response.end()
    else await streamText(response, lines)
  }
}
