import { Controller, Post, Req, Res } from '@nestjs/common'
import { CommandBus } from '@nestjs/cqrs'
import { ApiBody, ApiOperation, ApiTags } from '@nestjs/swagger'
import { type Request, type Response } from 'express'
import { answerAccepted, AsyncActionIdDto } from '../../async-actions/index.js'
import { Client, Scopes } from '../../auth/index.js'
import { keyedContentOf, readJsonBytes } from '../../http/index.js'
import { type ClientContext } from '../../kernel/index.js'
import { BulkUpdateCustomersCommand } from './bulk-update.command.js'
import { BULK_UPDATE_EXAMPLE, BulkUpdateItemDto } from './bulk-update.dto.js'
import { AcceptsMany } from '../payload/accepts-many.decorator.js'
import { PayloadCutter } from '../payload/payload-cutter.js'

@ApiTags('Customers')
@Scopes('api', 'customers')
@Controller('v1/customers/bulk/async')
export class BulkUpdateController {
  constructor(
    private readonly commands: CommandBus,
    private readonly cutter: PayloadCutter,
  ) {}

  @Post()
  @AcceptsMany('The request is stored and will be carried out.')
  @ApiOperation({
    operationId: 'updateCustomersInBulk',
    summary: 'Update or create many customers',
    description:
      'Takes up to 10,485,760 bytes and answers with the id of an asynchronous action as soon as the request is stored. Requests of a project are carried out one after another, first come, first served; rows in their order. A row that is wrong fails alone and is named in the result and the report. A wrong envelope (not a JSON array, an item that is not an object or has no `source_id`) is answered 400 and leaves nothing behind.',
  })
  @ApiBody({
    type: [BulkUpdateItemDto],
    examples: { customers: { summary: 'Three customers', value: BULK_UPDATE_EXAMPLE } },
  })
  async update(
    @Client() context: ClientContext,
    @Req() request: Request,
    @Res({ passthrough: true }) response: Response,
  ): Promise<AsyncActionIdDto> {
    const content = keyedContentOf(request)
    const payload = this.cutter.cut('customers', await readJsonBytes(request, { see: content?.take }))
    const command = new BulkUpdateCustomersCommand(context, payload, content?.seal())
    return answerAccepted(response, await this.commands.execute(command))
  }
}
