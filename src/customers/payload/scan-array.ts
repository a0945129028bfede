import { invalidPayload, placeOfFault, skipByteOrderMark } from '../../kernel/index.js'

/** Deeper than any customer, and shallow enough for every parser. */
export const MAX_DEPTH = 10_000
/** 10 MB hold some 400,000 of the smallest customers. */
export const MAX_ROWS = 600_000

/**
 * So many rows make a slice, however short they are: the smallest customers are many. With 5,000 a worker took 494 MB
 * for 403,298 of them, with this 365 MB.
 */
export const MAX_SLICE_ROWS = 2_500

/** Consecutive items of a JSON array, without the commas around them. */
export interface Slice {
  readonly start: number
  readonly end: number
  readonly firstRow: number
  readonly rowCount: number
}

const [TAB, LF, CR, SPACE, QUOTE, COMMA] = [0x09, 0x0a, 0x0d, 0x20, 0x22, 0x2c]
const [OPEN_ARRAY, BACKSLASH, CLOSE_ARRAY, OPEN_OBJECT, CLOSE_OBJECT] = [0x5b, 0x5c, 0x5d, 0x7b, 0x7d]

/**
 * Walks once over the bytes of a JSON array and cuts it between items: a slice is closed at the first item that reaches
 * either `sliceBytes` or {@link MAX_SLICE_ROWS}. Minds strings and nesting alone; whether each slice is JSON is for the
 * parser to say. Refuses what would harm the parser, too deep or too many, before it sees it. 10 MB take about 20 ms.
 */
export function scanArray(bytes: Uint8Array, sliceBytes: number): Slice[] {
  const slices: Slice[] = []
  let start = firstByteInside(bytes)
  let firstRow = 0
  let row = 0
  let depth = 1
  for (let at = start; at < bytes.length; at++) {
    const byte = bytes[at]
    if (byte === QUOTE) at = endOfString(bytes, at)
    else if (byte === OPEN_ARRAY || byte === OPEN_OBJECT) refuseTooDeep(++depth, row)
    else if (byte === CLOSE_ARRAY || byte === CLOSE_OBJECT) {
      if (--depth > 0) continue
      refuseWrongEnd(bytes, at, row)
      return [...slices, ...lastSlice(bytes, { start, end: at, firstRow, rowCount: row + 1 - firstRow })]
    } else if (byte === COMMA && depth === 1) {
      refuseTooMany(++row)
      if (at - start < sliceBytes && row - firstRow < MAX_SLICE_ROWS) continue
      slices.push({ start, end: at, firstRow, rowCount: row - firstRow })
      start = at + 1
      firstRow = row
    }
  }
  throw noJson(bytes, 'Payload ends before its array is closed')
}

function firstByteInside(bytes: Uint8Array): number {
  const open = skipBlanks(bytes, skipByteOrderMark(bytes))
  if (bytes[open] !== OPEN_ARRAY) throw invalidPayload('Payload should be a JSON array of customers')
  return open + 1
}

function refuseTooDeep(depth: number, row: number): void {
  if (depth > MAX_DEPTH) throw invalidPayload(`Payload[${row}] is nested deeper than ${MAX_DEPTH} levels`)
}

function refuseTooMany(row: number): void {
  if (row >= MAX_ROWS) throw invalidPayload(`Payload has more than ${MAX_ROWS} items`)
}

function refuseWrongEnd(bytes: Uint8Array, at: number, row: number): void {
  if (skipBlanks(bytes, at + 1) < bytes.length) throw noJson(bytes, 'Payload has something after its array')
  if (bytes[at] !== CLOSE_ARRAY) throw notValid(bytes, row)
}

const noJson = (bytes: Uint8Array, problem: string): Error =>
  invalidPayload(`${problem}: it stops being JSON at ${placeOfFault(bytes)}`)

/** Of the item with this index; `bytes` are the whole payload. */
export const notValid = (bytes: Uint8Array, index: number): Error =>
  invalidPayload(`Payload[${index}] is not valid JSON at ${placeOfFault(bytes)}`)

/** `[]` has no item, not an empty one. */
const lastSlice = (bytes: Uint8Array, slice: Slice): Slice[] =>
  slice.firstRow === 0 && slice.rowCount === 1 && skipBlanks(bytes, slice.start) === slice.end ? [] : [slice]

/** The closing quote of the string that opens at `at`, or the end of the bytes. */
export function endOfString(bytes: Uint8Array, at: number): number {
  for (let next = at + 1; next < bytes.length; next++) {
    if (bytes[next] === QUOTE) return next
    if (bytes[next] === BACKSLASH) next++
  }
  return bytes.length
}

function skipBlanks(bytes: Uint8Array, at: number): number {
  let next = at
  while (isBlank(bytes[next])) next++
  return next
}

const isBlank = (byte: number | undefined): boolean =>
  byte === SPACE || byte === LF || byte === CR || byte === TAB
