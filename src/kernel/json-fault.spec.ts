import fc from 'fast-check'
import { placeOfFault } from './json-fault.js'

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text)
const byteOf = (text: string): number => Number(/^byte (\d+) /.exec(placeOfFault(bytesOf(text)))?.[1])

describe('Where JSON stops being JSON', () => {
  it.each([
    ['nothing at all', '', 0],
    ['only blanks', '  ', 2],
    ['an array that is cut off', '[1', 2],
    ['an object that is cut off behind a colon', '{"a":', 5],
    ['a text that is cut off', '"abc', 4],
    ['a text that is cut off in an escape', '"ab\\', 4],
    ['a word that is cut off', 'tru', 3],
    ['another word', '[nul]', 4],
    ['a comma before the end of an array', '[1,]', 3],
    ['a comma before the end of an object', '{"a":1,}', 7],
    ['two commas', '[1,,2]', 3],
    ['a comma at the beginning', '[,1]', 1],
    ['no comma', '[1 2]', 3],
    ['no colon', '{"a" 1}', 5],
    ['a key without quotes', '{a:1}', 1],
    ['single quotes', "{'a':1}", 1],
    ['NaN', '[NaN]', 1],
    ['Infinity', '[-Infinity]', 2],
    ['a comment', '[1 /* one */]', 3],
    ['a raw control character in a text', '["a\u0001"]', 3],
    ['a raw line break in a text', '["a\n"]', 3],
    ['an unknown escape', '["\\x41"]', 3],
    ['an escape with a wrong digit', '["\\u12g4"]', 6],
    ['a leading zero', '[01]', 2],
    ['a leading plus', '[+1]', 1],
    ['a point without digits', '[1.]', 3],
    ['an exponent without digits', '[1e+]', 4],
    ['the wrong bracket', '[1}', 2],
    ['something behind the end', '{} x', 3],
    ['a blank that JSON does not know', '[\u00a01]', 1],
    ['a byte order mark, and then nothing', '\ufeff', 3],
    ...['\u0eff', '\uf07f', '\ufec1'].map((letter): [string, string, number] => [
      `a letter of two of a byte order mark's bytes, ${encodeURIComponent(letter)}`,
      `${letter}[]`,
      0,
    ]),
    ['a fault 100,000 levels deep', '['.repeat(100_000) + 'x', 100_000],
  ])('is told of %s', (_, text, byte) => {
    expect(byteOf(text)).toBe(byte)
  })

  it('is told by byte, and by line and column as an editor counts them', () => {
    expect(placeOfFault(bytesOf('{\r\n  "a": 1,\n  "ä😀": x\n}'))).toBe('byte 25 (line 3, column 9)')
    expect(placeOfFault(bytesOf('\ufeff[x]'))).toBe('byte 4 (line 1, column 2)')
  })

  it('is behind the end of exactly what the parser takes', () => {
    const broken = fc
      .tuple(fc.json(), fc.nat(), fc.constantFrom('', ',', '"', '}', ']', '\\', '0', '.', 'e', ' ', 'x', '-'))
      .map(([json, at, piece]) => {
        const place = at % (json.length + 1)
        return json.slice(0, place) + piece + json.slice(place + 1)
      })
    fc.assert(
      fc.property(
        fc.oneof(fc.json(), broken, fc.string({ unit: fc.constantFrom(...Array.from('[]{}",:1e-.\\u ')) })),
        (text) => {
          if (isJson(text)) expect(byteOf(text)).toBe(bytesOf(text).length)
          else expectFault(text, byteOf(text))
        },
      ),
      { numRuns: 3_000 },
    )
  })
})

/** What comes before the place may still become JSON; with the byte at it nothing can. */
function expectFault(text: string, at: number): void {
  const bytes = bytesOf(text)
  expect(at).toBeLessThanOrEqual(bytes.length)
  if (at === bytes.length) return
  for (const rest of ['', '1', '"', '"}', ']', '}', 'e', ':1}', '0000"']) {
    const other = new TextDecoder().decode(bytes.subarray(0, at + 1)) + rest
    expect(isJson(other)).toBe(false)
  }
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}
