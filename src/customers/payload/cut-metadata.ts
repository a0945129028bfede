import { isUtf8 } from 'node:buffer'
import { type PayloadChunk } from '../../async-actions/index.js'
import {
  invalidPayload,
  isJsonObject,
  type JsonObject,
  placeOfFault,
  RequestError,
  skipByteOrderMark,
} from '../../kernel/index.js'
import { checkMetadata } from '../domain/metadata.js'
import { RowRefusal } from '../domain/row-refusal.js'
import { ChunkBuilder } from './chunk-builder.js'
import { parseJson } from './cut-customers.js'
import { type CutLimits } from './cutters.js'
import { MAX_ROWS } from './scan-array.js'
import { refuseHarmfulJson } from './scan-json.js'

/** What a stored chunk of a metadata update is: whom it goes to, and what all of them get. */
export interface MetadataChunk {
  readonly metadata: JsonObject
  readonly source_ids: readonly string[]
}

/**
 * Checks a metadata update and cuts its list of customers into chunks, each with the metadata. Throws the 400 that
 * names what is wrong; the metadata are the request's, so what is wrong with them is too. A `source_id` that no
 * customer can have is that row's own fate, later.
 */
export function* cutMetadata(
  bytes: Uint8Array,
  { chunkBytes, maxStringLength }: CutLimits,
): Generator<PayloadChunk> {
  const payload = readPayload(bytes)
  const sourceIds = readSourceIds(payload)
  const metadata = readMetadata(payload, maxStringLength)
  const size = Buffer.byteLength(JSON.stringify(metadata))
  const toContent = (rows: string[]): MetadataChunk => ({ metadata, source_ids: rows })
  const builder = new ChunkBuilder(chunkBytes, toContent)
  for (const sourceId of sourceIds) yield* builder.add(sourceId, sourceId.length + size)
  yield* builder.rest()
}

function readPayload(bytes: Uint8Array): JsonObject {
  if (bytes.length === 0) throw invalidPayload('Payload should be a JSON object, but the body is empty')
  if (!isUtf8(bytes)) throw invalidPayload('Payload is not valid UTF-8')
  const text = bytes.subarray(skipByteOrderMark(bytes))
  refuseHarmfulJson(text)
  const payload = parseJson(text)
  if (payload === undefined) throw invalidPayload(`Payload is not valid JSON at ${placeOfFault(bytes)}`)
  if (!isJsonObject(payload)) throw invalidPayload('Payload should be a JSON object')
  return payload
}

function readSourceIds({ source_ids: sourceIds }: JsonObject): string[] {
  if (sourceIds === undefined || sourceIds === null) throw notEnough()
  if (!Array.isArray(sourceIds)) throw invalidPayload('Property .source_ids must be array')
  if (sourceIds.length === 0) throw notEnough()
  if (sourceIds.length > MAX_ROWS)
    throw invalidPayload(`Property .source_ids must not have more than ${MAX_ROWS} items`)
  sourceIds.forEach((sourceId, index) => {
    if (typeof sourceId !== 'string') throw invalidPayload(`Property .source_ids[${index}] must be string`)
    if (sourceId === '') throw invalidPayload(`Property .source_ids[${index}] must not be empty`)
  })
  return sourceIds as string[]
}

function readMetadata({ metadata }: JsonObject, maxStringLength: number): JsonObject {
  if (metadata === undefined) throw invalidPayload("Payload should have required property 'metadata'")
  if (!isJsonObject(metadata)) throw invalidPayload('Property .metadata must be object')
  try {
    checkMetadata(metadata, maxStringLength)
  } catch (refusal) {
    throw refusal instanceof RowRefusal ? ofTheRequest(refusal) : refusal
  }
  return metadata
}

const ofTheRequest = ({ failure: { key, message, details } }: RowRefusal): RequestError =>
  new RequestError(400, key, message, details)

const notEnough = (): RequestError =>
  new RequestError(400, 'not_enough_source_ids', 'Not enough source_ids', 'Specify at least 1 source_id')
