import fc from 'fast-check'
import { isUtf8 } from 'node:buffer'
import { JsonFault, JsonWalk } from './json-walk.js'

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text)

/** Whether a walk comes to the end of them. */
function isTaken(bytes: Uint8Array, maxDepth?: number): boolean {
  try {
    const walk = new JsonWalk(bytes, 0, maxDepth)
    walk.value()
    walk.closeTo(0)
    walk.end()
    return true
  } catch (fault) {
    expect(fault).toBeInstanceOf(JsonFault)
    return false
  }
}

function isJson(bytes: Uint8Array): boolean {
  try {
    JSON.parse(Buffer.from(bytes).toString())
    return true
  } catch {
    return false
  }
}

const expectSame = (bytes: Uint8Array): void => {
  expect([isTaken(bytes), Buffer.from(bytes).toString()]).toEqual([
    isJson(bytes),
    Buffer.from(bytes).toString(),
  ])
}

const lettersOf = (letters: string): fc.Arbitrary<string> =>
  fc.string({ unit: fc.constantFrom(...Array.from(letters)), maxLength: 14 })

const anyText = fc.string({ unit: 'binary', maxLength: 12 })
const anyJson = fc.oneof(fc.json({ maxDepth: 4, noUnicodeString: false }), fc.jsonValue().map(pretty))

function pretty(value: unknown): string {
  return JSON.stringify(value, null, '\t')
}

/** A bit of JSON put in the place of another. */
const anyChange = fc.tuple(
  fc.nat(),
  fc.nat(3),
  fc.oneof(
    fc.constantFrom('', ',', ':', '"', '[', ']', '{', '}', '\\', '\\u00', '0', '-', '.', 'e+', ' ', '\n'),
    fc.constantFrom('\0', '\u001f', '\u007f', '\u00a0', '\u2028', '\ufeff', 'null', 'true', "'", '/', 'NaN'),
    anyText,
  ),
)

const changed = (text: string, [place, removed, put]: [number, number, string]): string => {
  const at = place % (text.length + 1)
  return text.slice(0, at) + put + text.slice(at + removed)
}

describe('A walk over JSON', () => {
  it('takes exactly what the parser takes, of JSON that was changed', () => {
    fc.assert(
      fc.property(anyJson, fc.array(anyChange, { maxLength: 3 }), (json, changes) => {
        expectSame(bytesOf(changes.reduce(changed, json)))
      }),
      { numRuns: 3_000 },
    )
  })

  it.each([
    ['signs and words', '[]{}",:\\ 01-e.', (text: string) => text],
    ['numbers', '0123456789-+.eE', (text: string) => text],
    ['escapes', '\\\\"/bfnrtux0aF9', (text: string) => `"${text}"`],
    ['words', 'truefalsn', (text: string) => `[${text}]`],
    ['blanks', ' \t\n\r\f\v\u00a0\u2028\ufeff1,', (text: string) => `[${text}]`],
    ['arrays', '[],1', (text: string) => `[${text}]`],
    ['objects', '{}:,"1', (text: string) => `{${text}}`],
  ])('takes exactly what the parser takes, of %s put together by chance', (_, letters, within) => {
    fc.assert(
      fc.property(lettersOf(letters), (text) => {
        expectSame(bytesOf(within(text)))
      }),
      { numRuns: 3_000 },
    )
  })

  it('takes exactly what the parser takes, whatever single byte stands where', () => {
    for (const [before, after] of [
      ['', ''],
      ['"', '"'],
      ['"\\', '"'],
      ['"\\u00', '0"'],
      ['[1', '2]'],
      ['{"a"', '1}'],
      ['tru', ''],
    ] as const)
      for (let byte = 0; byte < 0x80; byte++) expectSame(bytesOf(before + String.fromCharCode(byte) + after))
  })

  it('takes any UTF-8 in texts', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 6 }), (inside) => {
        const bytes = Uint8Array.from([0x22, ...inside, 0x22])
        if (isUtf8(bytes)) expectSame(bytes)
      }),
      { numRuns: 3_000 },
    )
    fc.assert(
      fc.property(anyText, (text) => {
        expectSame(bytesOf(`{"${text}":"${text}"}`))
      }),
    )
  })

  it('minds which bracket closes which, however deep they are', () => {
    const brackets = (kinds: readonly boolean[]): string =>
      kinds.map((isArray) => (isArray ? '[' : '{"":')).join('') +
      '0' +
      kinds
        .toReversed()
        .map((isArray) => (isArray ? ']' : '}'))
        .join('')
    fc.assert(
      fc.property(fc.array(fc.boolean(), { maxLength: 300 }), fc.nat(), (kinds, place) => {
        expect(isTaken(bytesOf(brackets(kinds)))).toBe(true)
        const closing = brackets(kinds).length - 1 - (place % (kinds.length + 1))
        const bytes = bytesOf(brackets(kinds))
        bytes[closing] = bytes[closing] === 0x5d ? 0x7d : 0x5d
        expect(isTaken(bytes)).toBe(false)
      }),
    )
  })

  it('goes no deeper than it may', () => {
    const nested = bytesOf('[[{"a":[]}],[[[]]]]')
    expect(isTaken(nested, 4)).toBe(true)
    expect(isTaken(nested, 3)).toBe(false)
  })

  it('tells step by step what stands where', () => {
    const text = ' [ {"a" : 1 , "b":[2,{}]}, "c" ] '
    const walk = new JsonWalk(bytesOf(text), 0)
    const at = (place: number): string => text.slice(place, walk.at)
    expect(at(walk.value())).toBe('[')
    expect(walk.next()).toBe(true)
    expect(at(walk.value())).toBe('{')
    expect(walk.next()).toBe(true)
    expect(at(walk.name())).toBe('"a" :')
    expect(at(walk.value())).toBe('1')
    expect(walk.next()).toBe(true)
    expect(at(walk.name())).toBe('"b":')
    const start = walk.value()
    walk.closeTo(2)
    expect(at(start)).toBe('[2,{}]')
    expect(walk.next()).toBe(false)
    expect(walk.next()).toBe(true)
    expect(at(walk.value())).toBe('"c"')
    expect([walk.next(), walk.depth]).toEqual([false, 0])
    walk.end()
  })
})
