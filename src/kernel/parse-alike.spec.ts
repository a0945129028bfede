import fc from 'fast-check'
import { type JsonValue } from './json.js'
import { parseAlike } from './parse-alike.js'

/** The same values, with their properties in the same order. */
const expectParsed = (text: string): void => {
  const expected = JSON.parse(text) as unknown
  for (const actual of [parseAlike(text), parseAlike(Buffer.from(text))]) {
    expect(actual).toStrictEqual(expected)
    expect(JSON.stringify(actual)).toBe(JSON.stringify(expected))
  }
}

/** JSON as others write it: with blanks wherever they may stand, and letters as escapes. */
const written = (value: unknown, blank: () => string, escapes: boolean): string => {
  const write = (part: unknown): string => blank() + writeBare(part) + blank()
  const text = (letters: string): string => (escapes ? escaped(letters) : JSON.stringify(letters))
  const writeBare = (part: unknown): string => {
    if (typeof part === 'string') return text(part)
    if (Array.isArray(part)) return `[${part.length === 0 ? blank() : part.map(write).join(',')}]`
    if (typeof part !== 'object' || part === null) return JSON.stringify(part)
    const properties = Object.entries(part).map(
      ([key, inner]) => `${blank()}${text(key)}${blank()}:${write(inner)}`,
    )
    return `{${properties.length === 0 ? blank() : properties.join(',')}}`
  }
  return write(value)
}

const escaped = (letters: string): string => `"${letters.replace(/[^#-[\]-}]/gu, hex)}"`

const hex = (letter: string): string =>
  Array.from({ length: letter.length }, (_, unit) => letter.charCodeAt(unit))
    .map((unit) => `\\u${unit.toString(16).padStart(4, '0')}`)
    .join('')

const texts = fc.oneof(
  fc.string(),
  fc.string({ unit: 'binary' }),
  fc.constantFrom('', '"', '\\', '},{', '","', 'Wałęsa', '😀', '__proto__', '1'),
)
const words = fc.oneof(
  fc.constantFrom(null, true, false, 0, -0, 1e21, 1.5e-7),
  fc.integer(),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
)
const scalars = fc.oneof(texts, words)
const metadata = fc.dictionary(
  fc.constantFrom('tier', 'points', 'tags', 'toString'),
  fc.oneof(scalars, fc.array(scalars), fc.jsonValue()),
)

const properties = {
  source_id: texts,
  name: scalars,
  email: scalars,
  address: fc.oneof(fc.record({ city: texts, country: scalars }, { requiredKeys: [] }), scalars),
  metadata: fc.oneof({ arbitrary: metadata, weight: 4 }, { arbitrary: scalars, weight: 1 }),
  other: fc.jsonValue(),
}

/** Rows with some of a customer's properties, one in ten without one of them. */
const rows = fc.subarray(Object.keys(properties) as (keyof typeof properties)[]).chain((keys) => {
  const row = fc.record(Object.fromEntries(keys.map((key) => [key, properties[key]])))
  const lacking = fc.tuple(row, fc.nat()).map(([item, lost]) => {
    const entries = Object.entries(item)
    return Object.fromEntries(entries.filter((_, index) => index !== lost % entries.length))
  })
  return fc.array(fc.oneof({ arbitrary: row, weight: 9 }, { arbitrary: lacking, weight: 1 }), {
    maxLength: 40,
  })
})
const shuffled = rows.map((items) =>
  items.map((item, index) => (index % 5 === 4 ? Object.fromEntries(Object.entries(item).reverse()) : item)),
)
const styles = fc.record({
  blanks: fc.array(fc.constantFrom('', ' ', '\n', '\t', '\r\n  '), { minLength: 1 }),
  escapes: fc.boolean(),
})

describe('A list of objects that are alike', () => {
  it('is what the parser makes of it, however it is written', () => {
    fc.assert(
      fc.property(fc.oneof(rows, shuffled), styles, (items, { blanks, escapes }) => {
        let next = 0
        expectParsed(written(items, () => blanks[next++ % blanks.length] ?? '', escapes))
      }),
      { numRuns: 1_000 },
    )
  })

  it.each([
    ['a property twice, of which the last counts', '[{"a":1,"b":2},{"a":1,"a":2,"b":3},{"a":1,"b":2,"b":3}]'],
    [
      'what is called like the prototype',
      '[{"a":1,"__proto__":{"b":1}},{"a":2,"__proto__":{"b":1}},{"a":3}]',
    ],
    ['a prototype further in', '[{"a":{"__proto__":1}},{"a":{"__proto__":{"b":1}}}]'],
    ['names that are numbers', '[{"b":1,"2":1,"1":1},{"b":1,"2":1,"1":1}]'],
    ['names that are written otherwise', '[{"a":1},{"\\u0061":2},{"a":3}]'],
    ['an object where others have a text', '[{"a":"x"},{"a":{"b":1}},{"a":{"b":2,"c":3}}]'],
    ['a text where others have an object', '[{"a":{"b":1}},{"a":"x"},{"a":null},{"a":[1]}]'],
    ['items that are no objects', '[{"a":1},null,7,"x,]",[1,[2]],true,{"a":2}]'],
    ['a backslash at the end of a text', '[{"a":"\\\\","b":"x"},{"a":"x\\\\","b":"\\""}]'],
    ['no blanks, and blanks', ' [{"a":1 , "b" :\t[ 1 ]}\n,{"a": -0, "b": "x" } ]\r\n'],
    ['empty objects', '[{},{ },{"a":{}},{"a":{ }}]'],
  ])('may have %s', (_, text) => {
    expectParsed(text)
  })

  it('may be of so many kinds that it is left to the parser', () => {
    const items = Array.from({ length: 500 }, (_, row) => ({
      [`a${row % 7}`]: row,
      [`b${row % 5}`]: 'x',
      rest: [row],
    }))
    expectParsed(JSON.stringify([...items, { a: ']' }, 'x', null]))
  })

  it('goes to the parser once for its kind, and again when the order of properties changes', () => {
    const forth = {
      source_id: 'a',
      name: 'A name',
      address: { city: 'Turin', state: null },
      metadata: { points: 7 },
    }
    const back = Object.fromEntries(Object.entries(forth).reverse())
    const like = Array.from({ length: 1_000 }, (_, row) => ({
      ...(row < 500 ? forth : back),
      name: `Name ${row}`,
    }))
    const text = JSON.stringify(like)
    const parser = jest.spyOn(JSON, 'parse')
    try {
      expect(parseAlike(text)).toEqual(like)
      expect(parser).toHaveBeenCalledTimes(2)
    } finally {
      parser.mockRestore()
    }
  })

  it('is left to the parser when its items are of many kinds', () => {
    const text = JSON.stringify(Array.from({ length: 1_000 }, (_, row) => ({ [`a${row % 2}`]: row })))
    const parser = jest.spyOn(JSON, 'parse')
    try {
      expect(parseAlike(text)).toHaveLength(1_000)
      expect(parser.mock.calls.length).toBeLessThan(20)
    } finally {
      parser.mockRestore()
    }
  })

  it('may have objects with very many properties', () => {
    const wide = Object.fromEntries(Array.from({ length: 3_000 }, (_, column) => [`key-${column}`, column]))
    expectParsed(JSON.stringify([{ a: wide, b: 1 }, { a: wide, b: 2 }, wide, { a: { x: 1 } }]))
    const long = Object.fromEntries(
      Array.from({ length: 60 }, (_, column) => [`${'x'.repeat(400)}${column}`, column]),
    )
    expectParsed(JSON.stringify([long, long, { a: 1 }]))
  })

  it('may be nested as deep as the parser goes', () => {
    const nested = '['.repeat(5_000) + ']'.repeat(5_000)
    const items = parseAlike(`[{"a":1},{"a":${nested}},{"a":3}]`) as { a: unknown }[]
    let depth = 0
    for (let at = items[1]?.a; Array.isArray(at); at = (at as unknown[])[0]) depth++
    expect([items[0], depth, items[2]]).toEqual([{ a: 1 }, 5_000, { a: 3 }])
  })
})

/** What pieces may end within. */
const misleading = fc.constantFrom<JsonValue>(
  'a text with },{ in it',
  'one more },{"a":1},{"b":"',
  [{ x: 1 }, { y: 'ł},{' }, { z: [] }],
  { in: [[{}, {}], { '},{': 1 }] },
  '😀\\"},{',
  12.5,
  null,
)

describe('A list that is read piece by piece', () => {
  // Half of a piece is 16 kB: the filling puts what comes behind it everywhere around the end of one.
  const values = fc.array(misleading, { minLength: 1, maxLength: 8 })
  const filled = fc.tuple(
    fc.nat(34_000),
    values,
    fc.constantFrom(',', ', ', ' ,\n', ` , ${' '.repeat(70_000)}`),
  )

  it('is what the parser makes of it, wherever pieces end', () => {
    fc.assert(
      fc.property(filled, ([filling, values, comma]) => {
        const like = Array.from({ length: 400 }, (_, row) => ({
          id: `row ${row}`,
          note: values[row % values.length],
        }))
        const items = [
          { id: 'x', note: '' },
          { id: 'y', note: 'ł'.repeat(filling) },
          ...like,
          null,
          { id: 'z' },
          7,
        ]
        expectParsed(`[${items.map((item) => JSON.stringify(item)).join(comma.length > 9 ? ',' : comma)}]`)
        expectParsed(
          `[${comma.slice(2)}${JSON.stringify(items[0])}${comma}7${comma.slice(2)}]${comma.slice(2)}`,
        )
      }),
      { numRuns: 200 },
    )
  })

  it.each([
    ['an item of megabytes', `[{"a":"${'x'.repeat(4_000_000)}"},{"a":1}]`],
    ['a large item in many parts', `[{"a":1},{"a":[${'{"b":"},{"},'.repeat(30_000)}1]}]`],
    ['blanks of megabytes', `[${' '.repeat(2_000_000)}{"a":1}${' '.repeat(2_000_000)},{"a":2}]`],
    [
      'items of many kinds',
      JSON.stringify(Array.from({ length: 20_000 }, (_, row) => ({ [`a${row % 2}`]: `ł ${row}` }))),
    ],
    ['an empty list of megabytes', ` [${' '.repeat(2_000_000)}] `],
    [
      'items that are null, and texts without a backslash',
      `[${`null,${'{"a":""},'.repeat(9)}`.repeat(4_000)}1]`,
    ],
  ])('may have %s', (_, text) => {
    expectParsed(text)
  })

  it('becomes text in pieces that V8 moves like any other object', () => {
    const row = (id: number): object => ({ id, parts: [{ a: 1 }, { b: 'n'.repeat(100) }] })
    const items = Array.from({ length: 5_000 }, (_, id) => (id % 1_000 === 999 ? null : row(id)))
    const bytes = Buffer.from(`[${items.map((item) => JSON.stringify(item)).join(', ')}]`)
    const decode = jest.spyOn(Buffer.prototype, 'toString')
    try {
      expect(parseAlike(bytes)).toEqual(items)
      const longest = Math.max(...decode.mock.results.map(({ value }) => (value as string).length))
      expect(longest).toBeLessThan(131_072)
    } finally {
      decode.mockRestore()
    }
  })
})

describe('Any other text', () => {
  it('is what the parser makes of it', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expectParsed(JSON.stringify(value))
      }),
    )
  })

  it.each([
    '',
    '[',
    '[]]',
    '[{"a":1}',
    '[{"a":1},',
    '[{"a":1},]',
    '[{"a":1} {"a":2}]',
    '[{"a":1}]x',
    '[,1]',
    'x',
    '{"a":1',
  ])('is refused as the parser refuses it: %j', (text) => {
    expect(() => JSON.parse(text) as unknown).toThrow(SyntaxError)
    expect(() => parseAlike(text)).toThrow(SyntaxError)
    expect(() => parseAlike(Buffer.from(text))).toThrow(SyntaxError)
  })
})
