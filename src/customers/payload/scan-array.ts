import { invalidPayload, JsonFault, JsonWalk, placeOfFault, skipByteOrderMark } from '../../kernel/index.js'

/** Deeper than any customer, and shallow enough for every parser. */
export const MAX_DEPTH = 10_000
/** 10 MB hold some 400,000 of the smallest customers. */
export const MAX_ROWS = 600_000

/**
 * So many rows make a slice, however short they are: the smallest customers are many. With 5,000 a worker
 * took 494 MB for 403,298 of them, with this 365 MB.
 */
export const MAX_SLICE_ROWS = 2_500

/** How deep a walk is between the items. */
export const BETWEEN_ITEMS = 1

/** Consecutive items of a JSON array, without the commas around them. */
export interface Slice {
  readonly start: number
  readonly end: number
  readonly firstRow: number
  readonly rowCount: number
}

/** Passes the item that a walk has come to; gives back the 400 of one that is JSON, but must not be there. */
export type PassItem = (walk: JsonWalk, row: number) => Error | undefined

const passAny: PassItem = (walk) => {
  walk.value()
  walk.closeTo(BETWEEN_ITEMS)
  return undefined
}

/**
 * Walks once over the bytes of a JSON array, in UTF-8, and cuts it between items: a slice is closed at the
 * first item that reaches either `sliceBytes` or {@link MAX_SLICE_ROWS}. It is given out before the next one
 * is looked at, so that it can be stored meanwhile. None has what is too deep, or a row too many.
 */
export function* scanArray(bytes: Uint8Array, sliceBytes: number, passItem = passAny): Generator<Slice> {
  refuseNonArray(bytes)
  const walk = new JsonWalk(bytes, skipByteOrderMark(bytes), MAX_DEPTH)
  let row = 0
  try {
    walk.value()
    let start = walk.at
    let hasNext = walk.next()
    while (hasNext) {
      const firstRow = row
      do {
        hasNext = passRow(walk, row, passItem)
        row++
      } while (hasNext && walk.at - 1 - start < sliceBytes && row - firstRow < MAX_SLICE_ROWS)
      yield { start, end: walk.at - 1, firstRow, rowCount: row - firstRow }
      start = walk.at
    }
    walk.end()
  } catch (fault) {
    throw refusalOfWhole(bytes) ?? (fault instanceof JsonFault ? notValid(bytes, row) : fault)
  }
}

/**
 * Whether another one follows. What comes behind an item is looked at first: it may turn out to be no JSON.
 */
function passRow(walk: JsonWalk, row: number, passItem: PassItem): boolean {
  const refusal = passItem(walk, row)
  const hasNext = walk.next()
  if (refusal) throw refusal
  if (hasNext && row + 1 === MAX_ROWS) throw tooMany()
  return hasNext
}

function refuseNonArray(bytes: Uint8Array): void {
  if (bytes[skipBlanks(bytes, skipByteOrderMark(bytes))] !== OPEN_ARRAY)
    throw invalidPayload('Payload should be a JSON array of customers')
}

const [TAB, LF, CR, SPACE, QUOTE, COMMA] = [0x09, 0x0a, 0x0d, 0x20, 0x22, 0x2c]
const [OPEN_ARRAY, BACKSLASH, CLOSE_ARRAY, OPEN_OBJECT, CLOSE_OBJECT] = [0x5b, 0x5c, 0x5d, 0x7b, 0x7d]

/**
 * What is wrong with an array as a whole: told rather than the fault of an item, which may be what comes of
 * it. Minds strings and nesting alone, for in what has a fault nothing else can be made out.
 */
function refusalOfWhole(bytes: Uint8Array): Error | undefined {
  let row = 0
  let depth = 0
  for (let at = skipByteOrderMark(bytes); at < bytes.length; at++) {
    const byte = bytes[at]
    if (byte === QUOTE) at = endOfString(bytes, at)
    else if (opens(byte) && ++depth > MAX_DEPTH) return tooDeep(row)
    else if (closes(byte) && --depth === 0) return refusalOfRest(bytes, at + 1)
    else if (byte === COMMA && depth === BETWEEN_ITEMS && ++row >= MAX_ROWS) return tooMany()
  }
  return noJson(bytes, 'Payload ends before its array is closed')
}

const opens = (byte: number | undefined): boolean => byte === OPEN_ARRAY || byte === OPEN_OBJECT
const closes = (byte: number | undefined): boolean => byte === CLOSE_ARRAY || byte === CLOSE_OBJECT

const refusalOfRest = (bytes: Uint8Array, at: number): Error | undefined =>
  skipBlanks(bytes, at) < bytes.length ? noJson(bytes, 'Payload has something after its array') : undefined

const tooDeep = (row: number): Error =>
  invalidPayload(`Payload[${row}] is nested deeper than ${MAX_DEPTH} levels`)

const tooMany = (): Error => invalidPayload(`Payload has more than ${MAX_ROWS} items`)

const noJson = (bytes: Uint8Array, problem: string): Error =>
  invalidPayload(`${problem}: it stops being JSON at ${placeOfFault(bytes)}`)

const notValid = (bytes: Uint8Array, row: number): Error =>
  invalidPayload(`Payload[${row}] is not valid JSON at ${placeOfFault(bytes)}`)

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
