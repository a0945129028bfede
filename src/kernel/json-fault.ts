const [LF, QUOTE, MINUS, PLUS, DOT, COMMA, COLON] = [0x0a, 0x22, 0x2d, 0x2b, 0x2e, 0x2c, 0x3a]
const [OPEN_ARRAY, BACKSLASH, CLOSE_ARRAY, OPEN_OBJECT, CLOSE_OBJECT] = [0x5b, 0x5c, 0x5d, 0x7b, 0x7d]
const [ZERO, NINE, CAPITAL_E, SMALL_E, SMALL_U] = [0x30, 0x39, 0x45, 0x65, 0x75]

const BLANKS = new Set([0x09, 0x0a, 0x0d, 0x20])
const lettersOf = (text: string): number[] => Array.from(text, (letter) => letter.charCodeAt(0))
const ESCAPED = new Set(lettersOf('"\\/bfnrt'))
const WORDS = new Map(['true', 'false', 'null'].map((word) => [word.charCodeAt(0), lettersOf(word)]))

/** Where the text begins: behind a byte order mark, if there is one. */
export const skipByteOrderMark = (bytes: Uint8Array): number =>
  bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0

/**
 * Where JSON in UTF-8 stops being JSON: `byte 17 (line 2, column 5)`, bytes counted from 0, the others from 1 and in
 * characters. Only for what the parser has refused: its own words name a place for some faults alone, and for others
 * repeat the text.
 */
export function placeOfFault(bytes: Uint8Array): string {
  const start = skipByteOrderMark(bytes)
  return placeOf(bytes, new JsonWalk(bytes, start).fault() ?? bytes.length)
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

/** Goes through JSON once, however deep it is, as far as it is JSON. Each step tells whether its part fits. */
class JsonWalk {
  /** How what is open must be closed, the innermost last. */
  private readonly open: number[] = []
  private isFirst = false

  constructor(
    private readonly bytes: Uint8Array,
    private at: number,
  ) {}

  /** The first byte that does not fit, or the end when more must come; undefined when all is well. */
  fault(): number | undefined {
    let fits = this.value()
    while (fits && this.open.length > 0) fits = this.part()
    if (fits) this.skipBlanks()
    return fits && this.at === this.bytes.length ? undefined : this.at
  }

  /** A value, or the beginning of one that has parts. */
  private value(): boolean {
    this.skipBlanks()
    const byte = this.bytes[this.at]
    if (byte === OPEN_OBJECT) return this.begin(CLOSE_OBJECT)
    if (byte === OPEN_ARRAY) return this.begin(CLOSE_ARRAY)
    if (byte === QUOTE) return this.string()
    if (byte === MINUS || isDigit(byte)) return this.number()
    const word = WORDS.get(byte ?? 0)
    return word !== undefined && word.every((letter) => this.skip(letter))
  }

  private begin(closing: number): boolean {
    this.at++
    this.open.push(closing)
    this.isFirst = true
    return true
  }

  /** The end of what is open, or one more part of it. */
  private part(): boolean {
    this.skipBlanks()
    const closing = this.open.at(-1)
    const isFirst = this.isFirst
    this.isFirst = false
    if (this.skip(closing)) return this.open.pop() !== undefined
    if (!isFirst && !this.skip(COMMA)) return false
    return closing === CLOSE_ARRAY ? this.value() : this.property()
  }

  private property(): boolean {
    this.skipBlanks()
    if (this.bytes[this.at] !== QUOTE || !this.string()) return false
    this.skipBlanks()
    return this.skip(COLON) && this.value()
  }

  private string(): boolean {
    this.at++
    while (!this.skip(QUOTE)) {
      const byte = this.bytes[this.at]
      if (byte === undefined || byte < 0x20) return false
      this.at++
      if (byte === BACKSLASH && !this.escape()) return false
    }
    return true
  }

  private escape(): boolean {
    if (!this.skip(SMALL_U)) return ESCAPED.has(this.bytes[this.at] ?? 0) && this.skip(this.bytes[this.at])
    for (let digits = 0; digits < 4; digits++, this.at++) if (!isHexDigit(this.bytes[this.at])) return false
    return true
  }

  private number(): boolean {
    this.skip(MINUS)
    if (!this.skip(ZERO) && !this.digits()) return false
    if (this.skip(DOT) && !this.digits()) return false
    if (!this.skip(SMALL_E) && !this.skip(CAPITAL_E)) return true
    if (!this.skip(PLUS)) this.skip(MINUS)
    return this.digits()
  }

  private digits(): boolean {
    const start = this.at
    while (isDigit(this.bytes[this.at])) this.at++
    return this.at > start
  }

  private skip(byte: number | undefined): boolean {
    if (byte === undefined || this.bytes[this.at] !== byte) return false
    this.at++
    return true
  }

  private skipBlanks(): void {
    while (BLANKS.has(this.bytes[this.at] ?? 0)) this.at++
  }
}

const isDigit = (byte: number | undefined): boolean => byte !== undefined && byte >= ZERO && byte <= NINE

const isHexDigit = (byte: number | undefined): boolean =>
  byte !== undefined && /[0-9a-f]/i.test(String.fromCharCode(byte))
