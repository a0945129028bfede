import { isJsonObject, type JsonObject, type JsonValue } from './json.js'

/**
 * What `JSON.parse` makes of a text that is known to be JSON; sooner when it is an array of objects most of which have the
 * same properties in the same order: rows of one request, documents that were written out here. Texts in it of 13 letters
 * and more are views that keep what is around them in memory, up to all of `json`: copy what outlives it. What is not JSON
 * either throws a `SyntaxError` or gives an unspecified value. Bytes are UTF-8.
 *
 * `JSON.parse` interns every short value. Without that a worker takes an eighth less CPU for typical changed customers
 * ([decision 27](../../docs/decisions/0027-alike-objects-are-read-without-the-parser.md)).
 */
export function parseAlike(json: string | Buffer): unknown {
  const reader = typeof json === 'string' ? new AlikeReader(json, NOTHING) : new AlikeReader('', json)
  return reader.items() ?? (JSON.parse(json.toString()) as unknown)
}

const NOTHING = Buffer.of()

/**
 * Bytes become text by so many at a time. A text of more than 128 kB counts as old as soon as it survives one collection of
 * what is young, and stays until all of the heap is collected: with the rows of a chunk, and its stored customers, in one
 * text each, that was three quarters of what a worker's old objects grew by. 27,233 changed customers took it 0.46 s of CPU
 * instead of 0.48 s, and the request 0.62 s instead of 0.65 s (medians of 16, by turns); its memory 250 MB instead of 266.
 */
const PIECE_BYTES = 32_768

interface Property {
  readonly key: string
  /** As it is written before the value. */
  readonly name: string
  /** Of an object: what it has. */
  readonly properties: readonly Property[] | undefined
}

/** Items unlike the last sample that are put up with. */
const MAX_UNLIKE = 8
/** One more for so many items. With more the rest goes to the parser. */
const LIKE_FOR_ONE_UNLIKE = 8

/**
 * Of one object, at all levels together, because each is looked for in each object. Names of 400 letters, all alike but
 * for the last, made 10 MB of a hostile request take 1.3 s; they go to the parser now, which takes 0.06 s in all.
 */
const MAX_SHAPE = { properties: 64, letters: 1_000 }

const [SPACE, QUOTE, COMMA, ZERO, NINE, COLON] = [0x20, 0x22, 0x2c, 0x30, 0x39, 0x3a]
const [OPEN_ARRAY, BACKSLASH, CLOSE_ARRAY, OPEN_OBJECT, CLOSE_OBJECT] = [0x5b, 0x5c, 0x5d, 0x7b, 0x7d]

class AlikeReader {
  private at = 0
  /** Where the next backslash was when last looked for: passed meanwhile, perhaps; Infinity when there is none. */
  private backslash = 0
  /** Of the last object that the parser read. */
  private shape: readonly Property[] | undefined

  /** How many of the bytes have become text. */
  private decoded = 0

  /** `bytes` come behind `text`. */
  constructor(
    private text: string,
    private readonly bytes: Buffer,
  ) {}

  /** Undefined when the text is no array, or an empty one, or no JSON. */
  items(): unknown[] | undefined {
    this.skipBlanksOfPieces()
    if (!this.passesBetweenItems(OPEN_ARRAY) || this.code() === CLOSE_ARRAY) return undefined
    const items: unknown[] = []
    let unlike = 0
    do {
      const alike = this.alike()
      if (alike === undefined && ++unlike > MAX_UNLIKE + items.length / LIKE_FOR_ONE_UNLIKE)
        return this.rest(items)
      items.push(alike ?? this.unlike())
      this.skipBlanksOfPieces()
    } while (this.passesBetweenItems(COMMA))
    return this.passesBetweenItems(CLOSE_ARRAY) && this.at === this.text.length ? items : undefined
  }

  /** Undefined when the next item is not like the sample. It is still to be read then, and this piece has all of it. */
  private alike(): JsonObject | undefined {
    do {
      const start = this.at
      const object = this.shape && this.object(this.shape)
      if (object !== undefined) return object
      this.at = start
    } while (endOfValue(this.text, this.at) >= this.text.length && this.goOn())
    return undefined
  }

  /** Left to the parser, as all that is not like what came before; what comes behind is looked for to be like it. */
  private unlike(): unknown {
    const item = this.anyValue()
    if (isJsonObject(item)) this.shape = shapeOf(item) ?? this.shape
    return item
  }

  private rest(items: unknown[]): unknown[] {
    const rest = this.text.slice(this.at) + this.bytes.toString('utf8', this.decoded)
    return items.concat(JSON.parse(`[${rest}`) as unknown[])
  }

  /** Whether this comes next. It is passed then, with the blanks behind it, wherever they end. */
  private passesBetweenItems(code: number): boolean {
    const passes = this.passes(code)
    if (passes) this.skipBlanksOfPieces()
    return passes
  }

  private skipBlanksOfPieces(): void {
    this.skipBlanks()
    while (this.at === this.text.length && this.goOn()) this.skipBlanks()
  }

  /**
   * To the next piece, which begins with what of this one is still to be read; false when there is none. An item that
   * does not end gets as much again each time, so that one of megabytes is looked through twice and not a hundred times.
   */
  private goOn(): boolean {
    if (this.decoded === this.bytes.length) return false
    const unread = Buffer.byteLength(this.text.slice(this.at))
    const start = this.decoded - unread
    this.decoded = startOfLetter(this.bytes, this.decoded + Math.max(PIECE_BYTES, unread))
    this.text = this.bytes.toString('utf8', start, this.decoded)
    this.at = 0
    this.backslash = 0
    return true
  }

  /** Undefined when it is no object, or has others than these, or in another order. */
  private object(properties: readonly Property[]): JsonObject | undefined {
    if (!this.passes(OPEN_OBJECT)) return undefined
    const object: JsonObject = {}
    for (const { key, name, properties: inner } of properties) {
      if (this.code() === CLOSE_OBJECT) break
      if (!this.text.startsWith(name, this.at)) continue
      this.at += name.length
      this.skipBlanks()
      if (!this.passes(COLON)) return undefined
      const value = this.value(inner)
      if (value === undefined) return undefined
      object[key] = value
      this.passes(COMMA)
    }
    return this.passes(CLOSE_OBJECT) ? object : undefined
  }

  private value(properties: readonly Property[] | undefined): JsonValue | undefined {
    const code = this.code()
    if (code === QUOTE) return this.string()
    if (code === OPEN_OBJECT && properties !== undefined) return this.object(properties)
    return this.anyValue()
  }

  /** Undefined when it does not end. */
  private string(): string | undefined {
    const start = this.at
    const end = this.text.indexOf('"', start + 1)
    if (end === -1) return undefined
    if (this.backslash < end) this.backslash = nextBackslash(this.text, start)
    if (this.backslash < end) return this.anyValue() as string | undefined
    this.at = end + 1
    this.skipBlanks()
    return this.text.slice(start + 1, end)
  }

  /** Undefined when the text ends before a comma or a bracket follows. */
  private anyValue(): JsonValue | undefined {
    const start = this.at
    this.at = endOfValue(this.text, start)
    return this.at < this.text.length ? toValue(this.text.slice(start, this.at)) : undefined
  }

  /** Whether this comes next. It is passed then, with the blanks behind it. */
  private passes(code: number): boolean {
    if (this.code() !== code) return false
    this.at++
    this.skipBlanks()
    return true
  }

  private skipBlanks(): void {
    while (this.code() <= SPACE) this.at++
  }

  private code(): number {
    return this.at < this.text.length ? this.text.charCodeAt(this.at) : NaN
  }
}

/** Where the letter begins that `at` is within, or the end. */
function startOfLetter(bytes: Buffer, at: number): number {
  let start = Math.min(at, bytes.length)
  while (((bytes[start] ?? 0) & 0xc0) === 0x80) start--
  return start
}

/** Undefined when there is too much to look for, or what cannot be assigned. */
function shapeOf(sample: JsonObject, room = { ...MAX_SHAPE }): Property[] | undefined {
  const shape: Property[] = []
  for (const key in sample) {
    room.properties--
    room.letters -= key.length
    if (room.properties < 0 || room.letters < 0 || key === '__proto__') return undefined
    const value = sample[key]
    const properties = isJsonObject(value) ? shapeOf(value, room) : undefined
    shape.push({ key, name: JSON.stringify(key), properties })
  }
  return shape
}

/** All but the commonest are left to the parser. */
function toValue(text: string): JsonValue {
  if (isDigit(text.charCodeAt(0))) return Number(text)
  if (text === 'true') return true
  if (text === 'false') return false
  return text === 'null' ? null : (JSON.parse(text) as JsonValue)
}

const isDigit = (code: number): boolean => code >= ZERO && code <= NINE

/** Where the comma or the bracket is that comes behind the value at `start`. */
function endOfValue(text: string, start: number): number {
  let depth = 0
  let at = start
  for (; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code === QUOTE) at = endOfString(text, at)
    else if (code === OPEN_OBJECT || code === OPEN_ARRAY) depth++
    else if (code === COMMA && depth === 0) return at
    else if ((code === CLOSE_OBJECT || code === CLOSE_ARRAY) && depth-- === 0) return at
  }
  return at
}

/** Where the quote is that closes the text which opens at `start`. */
function endOfString(text: string, start: number): number {
  let at = start + 1
  for (let code = text.charCodeAt(at); code !== QUOTE && at < text.length; code = text.charCodeAt(at))
    at += code === BACKSLASH ? 2 : 1
  return at
}

function nextBackslash(text: string, from: number): number {
  const at = text.indexOf('\\', from)
  return at === -1 ? Infinity : at
}
