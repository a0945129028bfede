import { Injectable } from '@nestjs/common'
import { ChunkHandlers, UnreadablePayloadError } from '../../async-actions/index.js'
import { Settings } from '../../config/index.js'
import { isJsonObject } from '../../kernel/index.js'
import { type CustomerRow } from '../domain/customer-row.js'
import { metadataRow } from '../domain/metadata-row.js'
import { type MetadataChunk } from '../payload/cut-metadata.js'
import { CustomerChunkHandler, type StoredRows } from '../rows/customer.chunk-handler.js'
import { CustomerRepository } from '../store/customer.repository.js'
import { METADATA_UPDATE } from './metadata-update.handler.js'

/** A chunk of a metadata update names customers and repeats the metadata that all of them get. */
@Injectable()
export class MetadataUpdateChunkHandler extends CustomerChunkHandler {
  readonly operation = METADATA_UPDATE

  constructor(
    handlers: ChunkHandlers,
    customers: CustomerRepository,
    private readonly settings: Settings,
  ) {
    super(handlers, customers)
  }

  protected open(content: unknown): StoredRows {
    if (!isMetadataChunk(content)) throw new UnreadablePayloadError('The stored rows are no metadata update.')
    const { metadata, source_ids: items } = content
    const read = (sourceId: unknown): CustomerRow =>
      metadataRow(sourceId as string, metadata, this.settings.maxSourceIdLength)
    return { items, read }
  }
}

/** The envelope was checked when the request was accepted. */
const isMetadataChunk = (content: unknown): content is MetadataChunk =>
  isJsonObject(content) && isJsonObject(content['metadata']) && Array.isArray(content['source_ids'])
