import { isJsonObject, type JsonObject, type JsonValue } from './json.js'

/**
 * What `JSON.parse` makes of a text that is known to be JSON; sooner when it is a list of objects most of which have the
 * same properties in the same order: rows of one request, documents that were written out here. Of a text that is no JSON
 * it throws what the parser does, or makes anything.
 *
 * `JSON.parse` looks up every short value in V8's table of texts, where they stay until the whole heap is looked through.
 * Without that 27,233 changed customers, each read from its row and from what is stored, took a worker 0.58 and 0.64 s of
 * CPU instead of 0.67 and 0.73, and their request 0.86 and 0.92 s instead of 0.92 and 1.04 (`npm run bench -- --beside`,
 * two starts, medians of 16). Read by a regular expression lean ones took no less than before, for the list that each
 * match makes.
 */
export function parseAlike(text: string): unknown {
  return new AlikeReader(text).items() ?? (JSON.parse(text) as unknown)
}

interface Property {
  readonly key: string
  /** As it is written before the value. */
  readonly name: string
  /** Of an object: what it has. */
  readonly properties: readonly Property[] | undefined
}

/** So many objects that are not like the one before, and one of so many, before the rest is left to the parser. */
const PATIENCE = 8

/** Of one object, at all levels together: each is looked for in each object. */
const MAX_PROPERTIES = 64

const [SPACE, QUOTE, COMMA, ZERO, NINE, COLON] = [0x20, 0x22, 0x2c, 0x30, 0x39, 0x3a]
const [OPEN_LIST, BACKSLASH, CLOSE_LIST, OPEN_OBJECT, CLOSE_OBJECT] = [0x5b, 0x5c, 0x5d, 0x7b, 0x7d]

class AlikeReader {
  private at = 0
  /** The next backslash is here or further on. */
  private escape = 0
  /** Those of the last object that the parser read. */
  private properties: readonly Property[] | undefined

  constructor(private readonly text: string) {}

  /** Undefined when the text is no list, or an empty one, or no JSON. */
  items(): unknown[] | undefined {
    this.skipBlanks()
    if (!this.passes(OPEN_LIST) || this.code() === CLOSE_LIST) return undefined
    const items: unknown[] = []
    let strangers = 0
    do {
      const start = this.at
      const alike = this.properties && this.object(this.properties)
      if (alike === undefined && ++strangers > PATIENCE + items.length / PATIENCE)
        return this.rest(items, start)
      items.push(alike ?? this.stranger(start))
    } while (this.passes(COMMA))
    return this.passes(CLOSE_LIST) && this.at === this.text.length ? items : undefined
  }

  /** Left to the parser, as all that is not like what came before; what comes behind is looked for to be like it. */
  private stranger(start: number): unknown {
    this.at = start
    const item = this.other()
    if (isJsonObject(item)) this.properties = propertiesOf(item) ?? this.properties
    return item
  }

  private rest(items: unknown[], start: number): unknown[] {
    return items.concat(JSON.parse(`[${this.text.slice(start)}`) as unknown[])
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
    return this.other()
  }

  private string(): string {
    const start = this.at
    const end = this.text.indexOf('"', start + 1)
    if (this.escape < end) this.escape = positionOf('\\', this.text, start)
    if (this.escape < end) return this.other() as string
    this.at = end + 1
    this.skipBlanks()
    return this.text.slice(start + 1, end)
  }

  /** Whatever value it is. */
  private other(): JsonValue {
    const start = this.at
    this.at = endOfValue(this.text, start)
    return toValue(this.text.slice(start, this.at))
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

/** Undefined when there are too many to look for, or one that cannot be assigned. */
function propertiesOf(sample: JsonObject, room = { left: MAX_PROPERTIES }): Property[] | undefined {
  const entries = Object.entries(sample)
  room.left -= entries.length
  if (room.left < 0 || Object.hasOwn(sample, '__proto__')) return undefined
  return entries.map(([key, value]) => {
    const properties = isJsonObject(value) ? propertiesOf(value, room) : undefined
    return { key, name: JSON.stringify(key), properties }
  })
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
    else if (code === OPEN_OBJECT || code === OPEN_LIST) depth++
    else if (code === COMMA && depth === 0) return at
    else if ((code === CLOSE_OBJECT || code === CLOSE_LIST) && depth-- === 0) return at
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

const positionOf = (letter: string, text: string, from: number): number => {
  const at = text.indexOf(letter, from)
  return at === -1 ? Infinity : at
}
