import fc from 'fast-check'
import { isUtf8 } from 'node:buffer'
import { type PayloadChunk } from '../../async-actions/index.js'
import { RequestError } from '../../kernel/index.js'
import { cutCustomers } from './cut-customers.js'

const CHUNK_BYTES = 600_000
const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text)
const textOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString()
/** A request that was cut to its end. */
interface Payload {
  readonly rowCount: number
  readonly chunks: PayloadChunk[]
}

function cutWhole(bytes: Uint8Array, chunkBytes: number): Payload {
  const chunks = [...cutCustomers(bytes, chunkBytes)]
  return { rowCount: chunks.reduce((sum, { rowCount }) => sum + rowCount, 0), chunks }
}

const rowsOf = ({ chunks }: Payload): unknown[] =>
  chunks.flatMap(({ rows }) => JSON.parse(textOf(rows)) as unknown[])

/** The payload, or the details of the 400 that refuses it; anything else that is thrown fails the test. */
function cut(bytes: Uint8Array, chunkBytes = CHUNK_BYTES): Payload | string {
  try {
    return cutWhole(bytes, chunkBytes)
  } catch (error) {
    expect(error).toBeInstanceOf(RequestError)
    const { status, key, details } = error as RequestError
    expect([status, key]).toEqual([400, 'invalid_payload'])
    return details ?? ''
  }
}

const cutText = (text: string, chunkBytes?: number): Payload | string => cut(bytesOf(text), chunkBytes)

describe('A bulk request', () => {
  it('is cut into chunks that are arrays of their own and keep the bytes as they came', () => {
    const rows = ['{"source_id":"a","n":1.50}', ' {"source_id" : "\\u0061"}', '{"source_id":"c"}\n']
    expect(cutText(`[${rows.join(',')}]`, 1)).toEqual({
      rowCount: 3,
      chunks: rows.map((row, firstRow) => ({ firstRow, rowCount: 1, rows: bytesOf(`[${row}]`) })),
    })
  })

  it('stays in one piece when it is small', () => {
    const text = '[{"source_id":"a"},{"source_id":"b"}]'
    expect(cutText(text)).toEqual({
      rowCount: 2,
      chunks: [{ firstRow: 0, rowCount: 2, rows: bytesOf(text) }],
    })
  })

  it.each(['[]', ' [\n] '])('may be empty: %j', (text) => {
    expect(cutText(text)).toEqual({ rowCount: 0, chunks: [] })
  })

  it('may begin with a byte order mark and have blanks around it', () => {
    const payload = cutText('\ufeff \r\n[{"source_id":"a"}]\t\n')
    expect(payload).toEqual({
      rowCount: 1,
      chunks: [{ firstRow: 0, rowCount: 1, rows: bytesOf('[{"source_id":"a"}]') }],
    })
  })

  it.each([
    ['a source_id of spaces', '{"source_id":"  "}'],
    ['a source_id that cannot be stored', '{"source_id":"\\u0000\\ud800"}'],
    ['a source_id named __proto__', '{"source_id":"__proto__"}'],
    ['attributes of the wrong type', '{"source_id":"a","name":7,"address":[],"metadata":"x"}'],
    ['the source_id twice, the last being a text', '{"source_id":7,"source_id":"a"}'],
    ['its name written with escapes', '{"s\\u006furce\\u005Fid":"a"}'],
    ['the source_id twice, the last with escapes', '{"source_id":"","\\u0073ource_id":"a"}'],
    ['the source_id again further inside', '{"source_id":"a","x":{"source_id":7}}'],
    ['names that almost are source_id', '{"source_id":"a","source_ids":7,"source_i":7,"source_id\\u0000":7}'],
    ['numbers out of range', '{"source_id":"a","metadata":{"n":1e400}}'],
    ['9,000 levels', `{"source_id":"a","x":${'['.repeat(9_000)}${']'.repeat(9_000)}}`],
  ])('may have a row with %s: that is the row’s own fate', (_, row) => {
    expect(cutText(`[${row}]`)).toMatchObject({ rowCount: 1 })
  })

  it('is refused when there is nothing', () => {
    expect(cutText('')).toBe('Payload should be a JSON array of customers, but the body is empty')
  })

  it.each([
    ['a byte that never occurs', [0xff, 0xfe, 0xc0]],
    ['half of a surrogate pair', [0xed, 0xa0, 0x80]],
    ['an overlong slash', [0xc0, 0xaf]],
    ['a character that is cut off', [0xe2, 0x82]],
    ['a code point beyond the last', [0xf4, 0x90, 0x80, 0x80]],
  ])('is refused when it has %s anywhere, also in what is ignored', (_, wrong) => {
    const bytes = [...bytesOf('[{"source_id":"a","other":"'), ...wrong, ...bytesOf('"}]')]
    expect(cut(Uint8Array.from(bytes))).toBe('Payload is not valid UTF-8')
  })

  it.each(['null', '5', '"x"', 'true', '{}', '{"customers":[{"source_id":"a"}]}'])(
    'is refused when it is %s',
    (text) => {
      expect(cutText(text)).toBe('Payload should be a JSON array of customers')
    },
  )

  it.each(['null', '7', '"a"', 'true', '[]', '[{"source_id":"a"}]'])(
    'is refused when an item is %s, which it names',
    (item) => {
      expect(cutText(`[{"source_id":"a"},${item}]`)).toBe('Payload[1] should be an object')
    },
  )

  it.each([
    '{}',
    '{"source_id":null}',
    '{"source_id":""}',
    '{"name":"a"}',
    '{"__proto__":{"source_id":"a"}}',
    '{"source_id":"a","source_id":null}',
    '{"source_id":"a","source\\u005fid":""}',
    '{"source_ids":"a","source_i":"a","source_id ":"a","\\\\source_id":"a"}',
  ])('is refused when an item is %s, which it names', (item) => {
    expect(cutText(`[{"source_id":"a"},${item}]`)).toBe(
      `Payload[1] should have required property 'source_id'`,
    )
  })

  it.each([
    '7',
    'true',
    'false',
    '0',
    '-0.5e3',
    '{}',
    '["a"]',
    '{"source_id":"a"}',
    '"a","source\\u005fid":7',
  ])('is refused when a source_id is %s, which it names', (value) => {
    expect(cutText(`[{"source_id":"a"},{"source_id":${value}}]`)).toBe(
      'Property .source_id of Payload[1] must be string',
    )
  })

  it.each([
    ['a comma at the end', '[{"source_id":"a"},]', 1, 19],
    ['only a comma', '[,]', 0, 1],
    ['a comma at the start', '[,{"source_id":"a"}]', 0, 1],
    ['two commas', '[{"source_id":"a"},,{"source_id":"b"}]', 1, 19],
    ['no comma', '[{"source_id":"a"} {"source_id":"b"}]', 0, 19],
    ['single quotes', `[{"source_id":"a"},{'source_id':'b'}]`, 1, 20],
    ['a comment', '[{"source_id":"a"},{"source_id":"b"/* c */}]', 1, 35],
    ['NaN', '[{"source_id":"a"},{"source_id":"b","n":NaN}]', 1, 40],
    ['a raw control character', '[{"source_id":"a"},{"source_id":"b\u0001"}]', 1, 34],
    ['a raw line break in a text', '[{"source_id":"a"},{"source_id":"b\n"}]', 1, 34],
    ['a wrong escape', '[{"source_id":"a"},{"source_id":"\\x41"}]', 1, 34],
    ['a leading zero', '[{"source_id":"a"},{"source_id":"b","n":01}]', 1, 41],
    ['crossed brackets', '[{"source_id":"a"},{"source_id":["b"}]]', 1, 36],
    ['a comma in an object', '[{"source_id":"a"},{"source_id":"b",}]', 1, 36],
    ['a blank that is none in JSON', '[{"source_id":"a"},\u00a0{"source_id":"b"}]', 1, 19],
  ])('is refused when it has %s, and item and place are named', (_, text, index, byte) => {
    for (const chunkBytes of [1, 25, CHUNK_BYTES]) {
      expect(cutText(text, chunkBytes)).toBe(
        `Payload[${String(index)}] is not valid JSON at byte ${String(byte)} (line 1, column ${String(byte + 1)})`,
      )
    }
  })

  it.each([
    ['[{"source_id":"a"}', 18],
    ['[{"source_id":"a', 16],
    ['[{"source_id":"a"},', 19],
    ['[{"source_id":"a},{"source_id":"b"}]', 20],
  ])('is refused when it ends early: %s', (text, byte) => {
    expect(cutText(text)).toBe(
      `Payload ends before its array is closed: it stops being JSON at byte ${String(byte)} (line 1, column ${String(byte + 1)})`,
    )
  })

  it.each([
    ['[{"source_id":"a"}] x', 20],
    ['[{"source_id":"a"}][]', 19],
    ['[]]', 2],
    ['[{"source_id":"a"}},{"source_id":"b"}]', 18],
  ])('is refused when something follows it: %s', (text, byte) => {
    expect(cutText(text)).toBe(
      `Payload has something after its array: it stops being JSON at byte ${String(byte)} (line 1, column ${String(byte + 1)})`,
    )
  })

  it('is refused for the first thing that is wrong with an item', () => {
    for (const chunkBytes of [1, CHUNK_BYTES]) {
      expect(cutText('[{"source_id":7},x]', chunkBytes)).toBe(
        'Property .source_id of Payload[0] must be string',
      )
      expect(cutText('[{"source_id":"a"},{},7,{"source_id":"b",}]', chunkBytes)).toBe(
        `Payload[1] should have required property 'source_id'`,
      )
      expect(cutText('[7 x,{}]', chunkBytes)).toBe(
        'Payload[0] is not valid JSON at byte 3 (line 1, column 4)',
      )
    }
  })

  it.each(['[7', '[7,{"source_id":"a"}', '[{},'])(
    'is said to end early, whatever its items are: %s',
    (text) => {
      expect(cutText(text)).toContain('Payload ends before its array is closed')
    },
  )

  it('is refused when it is nested too deep or has too many items, before any of that is given out', () => {
    expect(cut(new Uint8Array(5_000_000).fill(0x5b))).toBe('Payload[0] is nested deeper than 10000 levels')
    expect(cutText(`[${'{},'.repeat(600_000)}{}]`)).toBe('Payload has more than 600000 items')
  })

  it('never repeats the payload in its refusals', () => {
    for (const text of [
      '[{"source_id":secret}]',
      '[{"source_id":"a","secret"}]',
      '[secret]',
      'secret',
      '["secret"]',
    ]) {
      expect(cutText(text)).not.toContain('secret')
    }
  })
})

const anyBlank = fc.constantFrom('', '', ' ', '\n', '\r\n', '\t ')
const anyText = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc
    .array(fc.constantFrom('"', '\\', '[', ']', '{', '}', ',', ' ', '\\"', '😀', '\ud800', '\0'))
    .map((parts) => parts.join('')),
)

const anyRow = fc
  .tuple(anyText, fc.dictionary(anyText, fc.oneof(anyText, fc.jsonValue({ maxDepth: 3 })), { maxKeys: 4 }))
  .map(([sourceId, rest]) => JSON.stringify({ ...rest, source_id: `x${sourceId}` }))

/** A request in any layout. */
const anyRequest = fc
  .tuple(
    fc.array(fc.tuple(anyBlank, anyRow, anyBlank), { maxLength: 12 }),
    anyBlank,
    fc.constantFrom('', '\ufeff'),
  )
  .map(
    ([rows, around, mark]) => `${mark}${around}[${rows.map((parts) => parts.join('')).join(',')}]${around}`,
  )

const anyChunkSize = fc.oneof(fc.nat(60), fc.nat(2_000))

describe('Whatever a bulk request is', () => {
  it('its chunks together are the whole, and each knows its first row', () => {
    fc.assert(
      fc.property(anyRequest, anyChunkSize, (text, chunkBytes) => {
        const whole = JSON.parse(text.replace('\ufeff', '')) as unknown[]
        const payload = cutWhole(bytesOf(text), chunkBytes)
        expect(payload.rowCount).toBe(whole.length)
        expect(rowsOf(payload)).toEqual(whole)
        for (const { firstRow, rowCount, rows } of payload.chunks) {
          const parsed = JSON.parse(textOf(rows)) as unknown[]
          expect(parsed).toEqual(whole.slice(firstRow, firstRow + parsed.length))
          expect(parsed).toHaveLength(rowCount)
          expect(parsed).not.toHaveLength(0)
        }
      }),
      { numRuns: 200 },
    )
  })

  it('its bytes are kept, blanks and escapes too', () => {
    fc.assert(
      fc.property(anyRequest, anyChunkSize, (text, chunkBytes) => {
        const inside = text.slice(text.indexOf('[') + 1, text.lastIndexOf(']'))
        const { chunks, rowCount } = cutWhole(bytesOf(text), chunkBytes)
        const kept = chunks.map(({ rows }) => textOf(rows).slice(1, -1)).join(',')
        expect(kept).toBe(rowCount === 0 ? '' : inside)
      }),
    )
  })

  it('every chunk but the last is full, and none goes on after it is', () => {
    fc.assert(
      fc.property(anyRequest, anyChunkSize, (text, chunkBytes) => {
        const { chunks } = cutWhole(bytesOf(text), chunkBytes)
        for (const { rows } of chunks.slice(0, -1)) expect(rows.length - 2).toBeGreaterThanOrEqual(chunkBytes)
        for (const { rows } of chunks) {
          const items = cutWhole(rows, 0).chunks.map((item) => item.rows.length - 2)
          const beforeLast = items.slice(0, -1).reduce((sum, length) => sum + length + 1, -1)
          expect(beforeLast).toBeLessThan(Math.max(chunkBytes, 1))
        }
      }),
    )
  })

  it('one wrong item among good ones is named', () => {
    const anyWrongItem = fc.constantFrom(
      'null',
      '7',
      '[]',
      '{}',
      '{"source_id":7}',
      '{"source_id":""}',
      '',
      '{',
      'x',
    )
    const goodItems = fc.array(anyRow, { maxLength: 6 })
    fc.assert(
      fc.property(
        goodItems,
        anyWrongItem,
        fc.array(anyRow, { minLength: 1, maxLength: 3 }),
        anyChunkSize,
        (before, wrong, after, size) => {
          const refusal = cutText(`[${[...before, wrong, ...after].join(',')}]`, size)
          if (wrong === '{') expect(typeof refusal).toBe('string')
          else expect(refusal).toContain(`Payload[${String(before.length)}] `)
        },
      ),
      { numRuns: 200 },
    )
  })

  it('an item is judged by what the parser makes of it', () => {
    const anyName = fc
      .tuple(fc.constantFrom('source_id', 'source_id', 'source_ids', 'source', 'name'), fc.nat(0x1ff))
      .map(([name, escapes]) => `"${withEscapes(name, escapes)}"`)
    const anyValue = fc.oneof(fc.constantFrom('null', '""', '"a"', '7', '{"source_id":"b"}'), fc.json())
    const anyProperty = fc.tuple(anyName, anyBlank, anyBlank, anyValue, anyBlank)
    const anyItem = fc
      .array(anyProperty, { maxLength: 4 })
      .map((all) => `{${all.map(([name, a, b, value, c]) => `${name}${a}:${b}${value}${c}`).join(',')}}`)
    fc.assert(
      fc.property(fc.oneof(anyItem, anyItem, fc.json()), (text) => {
        expect(refusalIn(cutText(`[{"source_id":"a"},${text}]`))).toBe(refusalOfItem(JSON.parse(text)))
      }),
      { numRuns: 3_000 },
    )
  })

  it('changed in any of its bytes, it is taken exactly when it is still JSON with a right envelope', () => {
    fc.assert(
      fc.property(
        anyRequest,
        fc.array(anyMutation, { minLength: 1, maxLength: 3 }),
        anyChunkSize,
        (text, mutations, size) => {
          const bytes = mutations.reduce((current, mutate) => mutate(current), bytesOf(text))
          const rows = referenceRows(bytes)
          const payload = cut(bytes, size)
          if (rows === undefined) expect(typeof payload).toBe('string')
          else expect(typeof payload === 'string' ? payload : rowsOf(payload)).toEqual(rows)
        },
      ),
      { numRuns: 1_000 },
    )
  })

  it('made of JSON’s own letters alone, it is taken exactly when it is JSON with a right envelope', () => {
    const parts = [
      '[',
      ']',
      '{',
      '}',
      ',',
      ':',
      '"',
      '\\',
      ' ',
      '{"source_id":"a"}',
      '"source_id":',
      '"a"',
      '1',
      '\ufeff',
    ]
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...parts), { maxLength: 12 }), fc.nat(20), (tokens, size) => {
        const bytes = bytesOf(`[${tokens.join('')}]`)
        const rows = referenceRows(bytes)
        const payload = cut(bytes, size)
        if (rows === undefined) expect(typeof payload).toBe('string')
        else expect(typeof payload === 'string' ? payload : rowsOf(payload)).toEqual(rows)
      }),
      { numRuns: 1_000 },
    )
  })
})

type Mutation = (bytes: Uint8Array) => Uint8Array

const anyByte = fc.oneof(fc.nat(255), fc.constantFrom(...Buffer.from('[]{},:"\\ \n0e-')))

/** Replaces, inserts, removes or doubles bytes somewhere. */
const anyMutation: fc.Arbitrary<Mutation> = fc
  .tuple(
    fc.constantFrom('replace', 'insert', 'remove', 'double', 'truncate'),
    fc.double({ min: 0, max: 1, noNaN: true }),
    anyByte,
  )
  .map(([kind, place, byte]) => (bytes) => {
    const at = Math.floor(place * bytes.length)
    const [before, rest] = [[...bytes.subarray(0, at)], [...bytes.subarray(at)]]
    if (kind === 'truncate') return Uint8Array.from(before)
    if (kind === 'insert') return Uint8Array.from([...before, byte, ...rest])
    if (kind === 'double') return Uint8Array.from([...before, ...rest.slice(0, 1), ...rest])
    return Uint8Array.from([...before, ...(kind === 'replace' ? [byte] : []), ...rest.slice(1)])
  })

/** The rule in its shortest form: the rows, or undefined when the request is to be refused. */
function referenceRows(bytes: Uint8Array): unknown[] | undefined {
  if (!isUtf8(bytes)) return undefined
  try {
    const value = JSON.parse(new TextDecoder().decode(bytes)) as unknown
    return Array.isArray(value) && value.every(isCustomer) ? (value as unknown[]) : undefined
  } catch {
    return undefined
  }
}

const isCustomer = (item: unknown): boolean =>
  typeof item === 'object' &&
  item !== null &&
  !Array.isArray(item) &&
  'source_id' in item &&
  typeof item.source_id === 'string' &&
  item.source_id !== ''

const withEscapes = (name: string, escapes: number): string =>
  Array.from(name, (letter, index) =>
    escapes & (1 << index) ? `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}` : letter,
  ).join('')

const refusalIn = (payload: Payload | string): string | undefined =>
  typeof payload === 'string' ? payload : undefined

/** What a request is told whose second item is that. */
function refusalOfItem(item: unknown): string | undefined {
  if (isCustomer(item)) return undefined
  if (typeof item !== 'object' || item === null || Array.isArray(item))
    return 'Payload[1] should be an object'
  const { source_id: sourceId } = item as { source_id?: unknown }
  return sourceId === undefined || sourceId === null || sourceId === ''
    ? `Payload[1] should have required property 'source_id'`
    : 'Property .source_id of Payload[1] must be string'
}
