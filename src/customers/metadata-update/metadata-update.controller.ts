import { Controller, Post, Req, Res } from '@nestjs/common'
import { CommandBus } from '@nestjs/cqrs'
import { ApiBody, ApiOperation, ApiTags } from '@nestjs/swagger'
import { type Request, type Response } from 'express'
import { answerAccepted, AsyncActionIdDto } from '../../async-actions/index.js'
import { Client, Scopes } from '../../auth/index.js'
import { keyedContentOf, readJsonBytes } from '../../http/index.js'
import { type ClientContext } from '../../kernel/index.js'
import { AcceptsMany } from '../payload/accepts-many.decorator.js'
import { PayloadCutter } from '../payload/payload-cutter.js'
import { UpdateCustomersMetadataCommand } from './metadata-update.command.js'
import { METADATA_UPDATE_EXAMPLE, MetadataUpdateDto } from './metadata-update.dto.js'

@ApiTags('Customers')
@Scopes('api', 'customers')
@Controller('v1/customers/metadata/async')
export class MetadataUpdateController {
  constructor(
    private readonly commands: CommandBus,
    private readonly cutter: PayloadCutter,
  ) {}

  @Post()
  @AcceptsMany('The request is stored and will be carried out.')
  @ApiOperation({
    operationId: 'updateCustomersMetadataInBulk',
    summary: 'Give many customers the same metadata',
    description:
      'Takes up to 10,485,760 bytes and answers with the id of an asynchronous action as soon as the request is stored. It is carried out in turn with the bulk requests and CSV imports of the project. Metadata that cannot be kept are refused at once, and nothing is stored; a `source_id` that no customer can have fails alone.',
  })
  @ApiBody({
    type: MetadataUpdateDto,
    examples: { metadata: { summary: 'Two customers', value: METADATA_UPDATE_EXAMPLE } },
  })
  async update(
    @Client() context: ClientContext,
    @Req() request: Request,
    @Res({ passthrough: true }) response: Response,
  ): Promise<AsyncActionIdDto> {
    const content = keyedContentOf(request)
    const payload = this.cutter.cut('metadata', await readJsonBytes(request, { see: content?.take }))
    const command = new UpdateCustomersMetadataCommand(context, payload, content?.seal())
    return answerAccepted(response, await this.commands.execute(command))
  }
}
