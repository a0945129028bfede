import fc from 'fast-check'
import { RequestError } from '../../kernel/index.js'
import { type CsvChunk, cutCsv } from './cut-csv.js'

const LIMITS = { chunkBytes: 600_000, maxStringLength: 2_000 }
const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text)

interface Cut extends CsvChunk {
  readonly firstRow: number
  readonly rowCount: number
}

const cutBytes = (bytes: Uint8Array, chunkBytes = LIMITS.chunkBytes): Cut[] =>
  [...cutCsv(bytes, { ...LIMITS, chunkBytes })].map(({ firstRow, rowCount, rows }) => ({
    firstRow,
    rowCount,
    ...(JSON.parse(Buffer.from(rows).toString()) as CsvChunk),
  }))

const cut = (text: string, chunkBytes?: number): Cut[] => cutBytes(bytesOf(text), chunkBytes)

function refusal(text: string | Uint8Array): string {
  try {
    cutBytes(typeof text === 'string' ? bytesOf(text) : text)
  } catch (error) {
    expect(error).toBeInstanceOf(RequestError)
    const { status, key, details } = error as RequestError
    expect([status, key]).toEqual([400, 'invalid_payload'])
    return details ?? ''
  }
  throw new Error('It was not refused.')
}

describe('A CSV import', () => {
  it('is cut into chunks that each have the names of the columns', () => {
    expect(cut('Source_id,Name\na,A\nb,B\nc,"C, c"\n', 10)).toEqual([
      {
        firstRow: 0,
        rowCount: 3,
        columns: ['Source_id', 'Name'],
        rows: [
          ['a', 'A'],
          ['b', 'B'],
          ['c', 'C, c'],
        ],
      },
    ])
    expect(cut('Name\naaaa\nbbbb\n', 5)).toEqual([
      { firstRow: 0, rowCount: 1, columns: ['Name'], rows: [['aaaa']] },
      { firstRow: 1, rowCount: 1, columns: ['Name'], rows: [['bbbb']] },
    ])
  })

  it('may have semicolons in a column among others', () => {
    expect(cut('Source_id,a;b\nx,1;2\n')[0]).toMatchObject({
      columns: ['Source_id', 'a;b'],
      rows: [['x', '1;2']],
    })
  })

  it('of a header alone has no rows', () => {
    expect(cut('Source_id,Name\r\n')).toEqual([])
    expect(cut('Source_id')).toEqual([])
  })

  it('keeps lines that are too short as they are, and of lines that are too long one cell too many', () => {
    expect(cut('a,b\n1\n1,2,3,4,5\n')[0]?.rows).toEqual([['1'], ['1', '2', '3']])
  })

  it('puts no more than 2,500 rows into a chunk, however short', () => {
    expect(cut(`a\n${'1\n'.repeat(6_000)}`).map(({ firstRow, rowCount }) => [firstRow, rowCount])).toEqual([
      [0, 2_500],
      [2_500, 2_500],
      [5_000, 1_000],
    ])
  })

  it('counts the names of metadata for each row that has them, so that chunks stay as small as their effect', () => {
    const key = 'k'.repeat(1_000)
    const chunks = cut(`${key},Name\n${'x,\n'.repeat(100)}`, 10_000)
    expect(chunks.map(({ rowCount }) => rowCount)).toEqual(Array.from({ length: 10 }, () => 10))
    expect(cut(`Source_id,Name\n${'x,\n'.repeat(100)}`, 10_000)).toHaveLength(1)
  })

  it.each<[string, string | Uint8Array]>([
    ['The file is empty; its first line must name the columns', ''],
    ['The file is empty; its first line must name the columns', '\n,,\r\n'],
    [
      'The first line of the file has semicolons and no comma: separate the cells by commas',
      'Source_id;Name\na;A\n',
    ],
    [
      'The first line of the file has tabs and no comma: separate the cells by commas',
      'Source_id\tName\na\tA\n',
    ],
    ['The file is not valid UTF-8', Uint8Array.of(0x61, 0x0a, 0xff)],
    ['The file is not valid UTF-8', Uint8Array.of(0x61, 0x0a, 0xed, 0xa0, 0x80)],
    ['Column 2 of the file has no name', 'Name,,Email\n'],
    ['Column 2 of the file has no name', 'Name,"  "\n'],
    ['Columns 1 and 3 of the file are the same: NAME', 'Name,tier,NAME\n'],
    ['Columns 1 and 2 of the file are the same: City', 'Address_City,City\n'],
    ['Columns 1 and 2 of the file are the same: tier', 'tier,tier\n'],
    [
      'Column 2 of the file cannot be kept. Property .metadata must not have the key __proto__',
      'Name,__proto__\n',
    ],
    [
      'Column 1 of the file cannot be kept. Property .metadata has a key that must not contain the character U+0000',
      'a\0b\n',
    ],
    [
      'Column 1 of the file cannot be kept. Property .metadata has a key that must not be longer than 2000 characters',
      `${'n'.repeat(2_001)}\n`,
    ],
    [
      'The header of the file cannot be kept. Property .metadata must not be longer than 262144 characters',
      Array.from({ length: 150 }, (_, n) => `${'n'.repeat(1_990)}${n}`).join(','),
    ],
    ['The file has more than 5000 columns', Array.from({ length: 5_001 }, (_, n) => `c${n}`).join(',')],
    ['The file has more than 5000 columns', `${','.repeat(1_000_000)}x`],
    ['Line 3 of the file opens a quote that is never closed', 'Name\na\n"b\n'],
    ['Payload has more than 600000 rows', `a\n${'1\n'.repeat(600_001)}`],
  ])('is refused: %s', (details, text) => {
    expect(refusal(text)).toBe(details)
  })

  it('takes 600,000 rows', () => {
    expect(cut(`a\n${'1\n'.repeat(600_000)}`).reduce((sum, { rowCount }) => sum + rowCount, 0)).toBe(600_000)
  })

  it('is refused when its rows, each with the names of its metadata, come to more than anybody means', () => {
    const header = Array.from({ length: 125 }, (_, n) => `${'n'.repeat(1_990)}${n}`).join(',')
    const text = `${header}\n${`${'x,'.repeat(124)}x\n`.repeat(1_500)}`
    expect(refusal(text)).toBe(
      'Payload stands for more than 268435456 bytes of customers: send it in several requests',
    )
  })

  it('is whole when its chunks are put together, wherever it is cut', () => {
    const anyRow = fc.array(
      fc.string({ minLength: 1 }).map((text) => text.replace(/[",\r\n]/g, 'x')),
      {
        minLength: 2,
        maxLength: 2,
      },
    )
    fc.assert(
      fc.property(fc.array(anyRow, { maxLength: 40 }), fc.nat(300), (rows, chunkBytes) => {
        const chunks = cut(`Name,tier\n${rows.map((row) => `${row.join(',')}\n`).join('')}`, chunkBytes)
        expect(chunks.flatMap((chunk) => chunk.rows)).toEqual(rows)
        let next = 0
        for (const { firstRow, rowCount, rows: own } of chunks) {
          expect([firstRow, rowCount]).toEqual([next, own.length])
          next += rowCount
        }
      }),
    )
  })
})
