import { invalidPayload } from '../../kernel/index.js'
import { endOfString, MAX_DEPTH, MAX_ROWS } from './scan-array.js'

/** The longest list of customers that there may be, the most metadata that there may be, and room for what is ignored. */
const MAX_VALUES = MAX_ROWS + 10_000

const [QUOTE, COMMA] = [0x22, 0x2c]
const [OPEN_ARRAY, CLOSE_ARRAY, OPEN_OBJECT, CLOSE_OBJECT] = [0x5b, 0x5d, 0x7b, 0x7d]

/** Refuses JSON that would harm the parser, too deep or of too many values, before it sees it. Checks nothing else. */
export function refuseHarmfulJson(bytes: Uint8Array): void {
  let depth = 0
  let values = 1
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at]
    if (byte === QUOTE) at = endOfString(bytes, at)
    else if (byte === COMMA) values++
    else if (byte === OPEN_ARRAY || byte === OPEN_OBJECT) depth++
    else if (byte === CLOSE_ARRAY || byte === CLOSE_OBJECT) depth--
    if (depth > MAX_DEPTH) throw invalidPayload(`Payload is nested deeper than ${MAX_DEPTH} levels`)
    if (values > MAX_VALUES) throw invalidPayload(`Payload has more than ${MAX_ROWS} source_ids`)
  }
}
