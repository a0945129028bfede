import { JsonFault, JsonWalk } from './json-walk.js'

const LF = 0x0a

/** Where the text begins: behind a byte order mark, if there is one. */
export const skipByteOrderMark = (bytes: Uint8Array): number =>
  bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0

/**
 * Where JSON in UTF-8 stops being JSON: `byte 17 (line 2, column 5)`, bytes counted from 0, the others from 1
 * and in characters. Only for what has been refused: the parser's own words name a place for some faults
 * alone, and for others repeat the text.
 */
export const placeOfFault = (bytes: Uint8Array): string => placeOf(bytes, endOfJson(bytes))

/** The first byte that does not fit, or the end. */
function endOfJson(bytes: Uint8Array): number {
  const walk = new JsonWalk(bytes, skipByteOrderMark(bytes))
  try {
    walk.value()
    walk.closeTo(0)
    walk.end()
    return bytes.length
  } catch (fault) {
    if (fault instanceof JsonFault) return fault.at
    throw fault
  }
}

function placeOf(bytes: Uint8Array, at: number): string {
  let line = 1
  let column = 1
  for (let before = skipByteOrderMark(bytes); before < at; before++) {
    const byte = bytes[before] ?? 0
    if (byte === LF) {
      line++
      column = 1
    } else if (!continuesCharacter(byte)) column++
  }
  return `byte ${at} (line ${line}, column ${column})`
}

const continuesCharacter = (byte: number): boolean => (byte & 0xc0) === 0x80
