import { parse } from 'csv-parse/sync'
import { stringify } from 'csv-stringify/sync'
import fc from 'fast-check'
import { RequestError } from '../../kernel/index.js'
import { scanCsv } from './scan-csv.js'

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text)

/** The cells of a file, or the details of the 400 that refuses it. */
function scan(text: string, maxCells = 100): (readonly string[])[] | string {
  try {
    return [...scanCsv(bytesOf(text), maxCells)].map(({ cells }) => cells)
  } catch (error) {
    expect(error).toBeInstanceOf(RequestError)
    const { status, key, details } = error as RequestError
    expect([status, key]).toEqual([400, 'invalid_payload'])
    return details ?? ''
  }
}

describe('A CSV file', () => {
  it.each<[string, string, string[][]]>([
    [
      'LF',
      'a,b\n1,2\n',
      [
        ['a', 'b'],
        ['1', '2'],
      ],
    ],
    [
      'CRLF',
      'a,b\r\n1,2\r\n',
      [
        ['a', 'b'],
        ['1', '2'],
      ],
    ],
    [
      'CR',
      'a,b\r1,2\r',
      [
        ['a', 'b'],
        ['1', '2'],
      ],
    ],
    ['one of each', 'a\r\nb\nc\rd', [['a'], ['b'], ['c'], ['d']]],
  ])('has lines that end with %s', (_, text, cells) => {
    expect(scan(text)).toEqual(cells)
  })

  it('need not end its last line', () => {
    expect(scan('a,b\n1,')).toEqual([
      ['a', 'b'],
      ['1', ''],
    ])
  })

  it('may begin with a byte order mark', () => {
    expect(scan('\ufeff"a"\n1')).toEqual([['a'], ['1']])
  })

  it('keeps commas, quotes and line breaks in quoted cells, and blanks anywhere', () => {
    expect(scan('"a,b","say ""hi""","x\r\ny\nz",  d ,""""\n')).toEqual([
      ['a,b', 'say "hi"', 'x\r\ny\nz', '  d ', '"'],
    ])
  })

  it('is passed over where no cell of a line holds anything', () => {
    expect(scan('\n\r\na,b\n\n,\n"",""\n1,\n\n')).toEqual([
      ['a', 'b'],
      ['1', ''],
    ])
  })

  it.each(['', '\ufeff', '\n', ',,\n""'])('may have no line at all: %j', (text) => {
    expect(scan(text)).toEqual([])
  })

  it('gives out no more cells of a line than are asked for, and says how many there are', () => {
    expect([...scanCsv(bytesOf('1,2,3\n,,,4\n'), 2)]).toEqual([
      { cells: ['1', '2'], cellCount: 3, size: 6, filled: true },
      { cells: ['', ''], cellCount: 4, size: 5, filled: true },
    ])
  })

  it.each([
    ['a\n"b\nc', 'Line 2 of the file opens a quote that is never closed'],
    ['a\r\n\r\n"', 'Line 3 of the file opens a quote that is never closed'],
    ['a\n"b\r\nc" \n', 'Line 3 of the file has something behind the closing quote of a cell'],
    ['a\r"b"c', 'Line 2 of the file has something behind the closing quote of a cell'],
    ['a\n\n\n5" disk', 'Line 4 of the file has a quote inside a cell that does not begin with one'],
    ['a, "b"', 'Line 1 of the file has a quote inside a cell that does not begin with one'],
  ])('is refused with the line when quotes are wrong: %j', (text, details) => {
    expect(scan(text)).toBe(details)
  })

  it('of ten million commas is read in no time, and few of its cells are kept', () => {
    const [record] = scanCsv(bytesOf(`${','.repeat(10_000_000)}x`), 3)
    expect(record).toEqual({ cells: ['', '', ''], cellCount: 10_000_001, size: 10_000_001, filled: true })
  })
})

const anyCell = fc.oneof(
  fc.string({ unit: 'grapheme' }),
  fc
    .array(fc.constantFrom('"', ',', '\n', '\r', '\r\n', ' ', 'a', '', 'é', '😀', '\0'), { maxLength: 6 })
    .map((parts) => parts.join('')),
)
const anyTable = fc.integer({ min: 1, max: 5 }).chain((width) =>
  fc.array(
    fc
      .array(anyCell, { minLength: width, maxLength: width })
      .filter((cells) => cells.some((cell) => cell !== '')),
    { maxLength: 8 },
  ),
)

describe('Whatever a table holds', () => {
  it('it comes back cell by cell', () => {
    const anyStyle = fc.record({
      record_delimiter: fc.constantFrom('\n', '\r\n', '\r'),
      quoted: fc.boolean(),
      bom: fc.boolean(),
    })
    fc.assert(
      fc.property(anyTable, anyStyle, (table, style) => {
        // What csv-stringify leaves unquoted by itself although it would end a line.
        const text = stringify(table, { ...style, quoted_match: /[\r\n\ufeff]/ })
        expect(scan(text)).toEqual(table)
      }),
      { numRuns: 1_000 },
    )
  })

  it('any text is read or refused just as csv-parse does', () => {
    const tokens = ['"', '"', ',', '\n', '\r', '\r\n', 'a', 'b c', ' ', '""', ',,', '\n\n']
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...tokens), { maxLength: 14 }), (parts) => {
        const text = parts.join('')
        const expected = reference(text)
        const scanned = scan(text)
        if (expected === undefined) expect(typeof scanned).toBe('string')
        else expect(scanned).toEqual(expected)
      }),
      { numRuns: 5_000 },
    )
  })
})

function reference(text: string): string[][] | undefined {
  try {
    const records: string[][] = parse(text, {
      relax_column_count: true,
      record_delimiter: ['\r\n', '\n', '\r'],
    })
    return records.filter((cells) => cells.some((cell) => cell !== ''))
  } catch {
    return undefined
  }
}
