import { Controller, Post, Req, Res } from '@nestjs/common'
import { CommandBus } from '@nestjs/cqrs'
import { ApiBody, ApiConsumes, ApiOperation, ApiTags } from '@nestjs/swagger'
import { type Request, type Response } from 'express'
import { answerAccepted, AsyncActionIdDto } from '../../async-actions/index.js'
import { Client, Scopes } from '../../auth/index.js'
import { keyedContentOf, readUploadedFile } from '../../http/index.js'
import { type ClientContext } from '../../kernel/index.js'
import { AcceptsMany } from '../payload/accepts-many.decorator.js'
import { PayloadCutter } from '../payload/payload-cutter.js'
import { ImportCustomersCsvCommand } from './import-csv.command.js'
import { ImportCsvDto } from './import-csv.dto.js'

@ApiTags('Customers')
@Scopes('api', 'customers')
@Controller('v1/customers/importCSV')
export class ImportCsvController {
  constructor(
    private readonly commands: CommandBus,
    private readonly cutter: PayloadCutter,
  ) {}

  @Post()
  @AcceptsMany('The file is stored and will be imported.')
  @ApiOperation({
    operationId: 'importCustomersUsingCsv',
    summary: 'Update or create the customers of a CSV file',
    description:
      'Takes a file of up to 10,485,760 bytes and answers with the id of an asynchronous action as soon as it is stored. A line names its customer by `Id` or `Source_id`; one that has neither makes a new customer. Empty cells and columns that are not there leave things as they are. A line that is wrong fails alone and is named in the result and the report; a file that is no CSV, or whose header is wrong, is answered 400 and leaves nothing behind. Carried out in turn with the other bulk requests of the project.',
  })
  @ApiConsumes('multipart/form-data')
  @ApiBody({ type: ImportCsvDto })
  async import(
    @Client() context: ClientContext,
    @Req() request: Request,
    @Res({ passthrough: true }) response: Response,
  ): Promise<AsyncActionIdDto> {
    const content = keyedContentOf(request)
    const payload = this.cutter.cut('csv', await readUploadedFile(request, 'file', content?.take))
    const command = new ImportCustomersCsvCommand(context, payload, content?.seal())
    return answerAccepted(response, await this.commands.execute(command))
  }
}
