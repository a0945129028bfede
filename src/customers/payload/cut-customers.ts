import { isUtf8 } from 'node:buffer'
import { type PayloadChunk } from '../../async-actions/index.js'
import { invalidPayload, isJsonObject } from '../../kernel/index.js'
import { notValid, scanArray, type Slice } from './scan-array.js'

const BRACKETS = 2
const [OPEN_ARRAY, CLOSE_ARRAY] = [0x5b, 0x5d]

/**
 * Checks the envelope of a bulk request and cuts it into chunks, which keep the bytes as they came. Throws the
 * 400 that names what is wrong and where. What is wrong inside a row is that row's own fate, later.
 */
export function* cutCustomers(bytes: Uint8Array, chunkBytes: number): Generator<PayloadChunk> {
  if (bytes.length === 0)
    throw invalidPayload('Payload should be a JSON array of customers, but the body is empty')
  if (!isUtf8(bytes)) throw invalidPayload('Payload is not valid UTF-8')
  for (const slice of scanArray(bytes, chunkBytes)) yield toChunk(bytes, slice)
}

function toChunk(bytes: Uint8Array, slice: Slice): PayloadChunk {
  const { start, end, firstRow, rowCount } = slice
  const rows = new Uint8Array(end - start + BRACKETS)
  rows[0] = OPEN_ARRAY
  rows.set(bytes.subarray(start, end), 1)
  rows[rows.length - 1] = CLOSE_ARRAY
  const items = parseRows(rows, slice)
  if (items === undefined) throw notValid(bytes, firstRow + indexOfBadItem(rows))
  items.forEach((item, index) => {
    checkItem(item, firstRow + index)
  })
  return { firstRow, rowCount, rows }
}

/** Undefined when they are not JSON; a comma too many counts as an item that the parser does not see. */
function parseRows(rows: Uint8Array, { rowCount }: Slice): unknown[] | undefined {
  const items = parseJson(rows) as unknown[] | undefined
  return items?.length === rowCount ? items : undefined
}

function checkItem(item: unknown, index: number): void {
  if (!isJsonObject(item)) throw invalidPayload(`Payload[${index}] should be an object`)
  const { source_id: sourceId } = item
  if (sourceId === undefined || sourceId === null || sourceId === '') {
    throw invalidPayload(`Payload[${index}] should have required property 'source_id'`)
  }
  if (typeof sourceId !== 'string')
    throw invalidPayload(`Property .source_id of Payload[${index}] must be string`)
}

/** Looked for only when there is one: which item it is that the parser refuses. */
function indexOfBadItem(rows: Uint8Array): number {
  const items = scanArray(rows, 0)
  return Math.max(
    items.findIndex(({ start, end }) => parseJson(rows.subarray(start, end)) === undefined),
    0,
  )
}

/** Undefined when it is not JSON: the parser's own words would repeat the payload. */
export function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString()) as unknown
  } catch {
    return undefined
  }
}
