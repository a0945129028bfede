import fc from 'fast-check'
import { RequestError } from '../../kernel/index.js'
import { MAX_DEPTH, MAX_ROWS, MAX_SLICE_ROWS, scanArray, type Slice } from './scan-array.js'

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text)
const slicesOf = (bytes: Uint8Array, sliceBytes: number): Slice[] => Array.from(scanArray(bytes, sliceBytes))
const itemsOf = (text: string, sliceBytes: number): string[] =>
  slicesOf(bytesOf(text), sliceBytes).map(({ start, end }) => text.slice(start, end))

/** Why a payload is refused, or undefined when it is not. */
function refusalOf(bytes: Uint8Array): string | undefined {
  try {
    slicesOf(bytes, 1_000)
    return undefined
  } catch (error) {
    expect(error).toBeInstanceOf(RequestError)
    expect((error as RequestError).status).toBe(400)
    return (error as RequestError).details
  }
}

describe('Scanning an array', () => {
  it('cuts it between its items, without the commas', () => {
    expect(itemsOf('[1, {"a":[2,3]} ,"x"]', 0)).toEqual(['1', ' {"a":[2,3]} ', '"x"'])
  })

  it('says which rows a slice holds', () => {
    const slices = slicesOf(bytesOf('[1,2,3,4,5]'), 3).map(({ firstRow, rowCount }) => [firstRow, rowCount])
    expect(slices).toEqual([
      [0, 2],
      [2, 2],
      [4, 1],
    ])
  })

  it('ends a slice with the item that fills it', () => {
    expect(itemsOf('[11,22,33,44,55]', 5)).toEqual(['11,22', '33,44', '55'])
    expect(itemsOf('[11,22,33,44,55]', 6)).toEqual(['11,22,33', '44,55'])
    expect(itemsOf('[11,22,33,44,55]', 100)).toEqual(['11,22,33,44,55'])
  })

  it(`ends a slice with its row ${String(MAX_SLICE_ROWS)}, however small the rows are`, () => {
    const rowsOf = (items: number) =>
      slicesOf(bytesOf(`[${'0,'.repeat(items - 1)}0]`), 600_000).map(({ firstRow, rowCount }) => [
        firstRow,
        rowCount,
      ])
    expect(MAX_SLICE_ROWS).toBe(2_500)
    expect(rowsOf(2_500)).toEqual([[0, 2_500]])
    expect(rowsOf(2_501)).toEqual([
      [0, 2_500],
      [2_500, 1],
    ])
  })

  it.each(['[]', ' [ \t\r\n ] ', '\ufeff[]'])('finds nothing in %j', (text) => {
    expect(slicesOf(bytesOf(text), 0)).toEqual([])
  })

  it('is not misled by what stands in strings', () => {
    const items = ['{"a":"],[{"}', '"\\"],["', '"\\\\"', '"\\\\\\"]"', '{"}":"[[["}']
    expect(itemsOf(`[${items.join(',')}]`, 0)).toEqual(items)
  })

  it.each(['', ' ', 'null', '5', '"[]"', 'true', '{}', '{"customers":[]}', ']', '\ufeff\ufeff[]'])(
    'refuses %j: it is no array',
    (text) => {
      expect(refusalOf(bytesOf(text))).toBe('Payload should be a JSON array of customers')
    },
  )

  it.each(['[', '[1', '[1,', '["', '["]', '["\\', '["\\"]', '[[1]', '[{"a":1}'])(
    'refuses %j: it ends early',
    (text) => {
      expect(refusalOf(bytesOf(text))).toBe(
        `Payload ends before its array is closed: it stops being JSON at byte ${String(text.length)} (line 1, column ${String(text.length + 1)})`,
      )
    },
  )

  it.each(['[]]', '[1] 2', '[],[]', '[]x', '[]\0', '[]\ufeff'])('refuses %j: something follows', (text) => {
    expect(refusalOf(bytesOf(text))).toMatch(
      /^Payload has something after its array: it stops being JSON at byte [234] /,
    )
  })

  it('refuses an array that ends with another bracket', () => {
    expect(refusalOf(bytesOf('[1,2}'))).toBe('Payload[1] is not valid JSON at byte 4 (line 1, column 5)')
  })

  it(`takes ${String(MAX_DEPTH)} levels and refuses one more, naming the item`, () => {
    const nested = (levels: number) => bytesOf(`[1,${'['.repeat(levels - 1)}${']'.repeat(levels - 1)}]`)
    expect(refusalOf(nested(MAX_DEPTH))).toBeUndefined()
    expect(refusalOf(nested(MAX_DEPTH + 1))).toBe('Payload[1] is nested deeper than 10000 levels')
  })

  it('refuses five million opening brackets as it refuses a few too many', () => {
    expect(refusalOf(new Uint8Array(5_000_000).fill(0x5b))).toBe(
      'Payload[0] is nested deeper than 10000 levels',
    )
    expect(refusalOf(bytesOf(`[${'{"a":'.repeat(1_000_000)}`))).toBe(
      'Payload[0] is nested deeper than 10000 levels',
    )
  })

  it(`takes ${String(MAX_ROWS)} items and refuses one more`, () => {
    const many = (items: number) => bytesOf(`[${'0,'.repeat(items - 1)}0]`)
    expect(refusalOf(many(MAX_ROWS))).toBeUndefined()
    expect(refusalOf(many(MAX_ROWS + 1))).toBe('Payload has more than 600000 items')
  })

  it('gives out a slice before it looks at what follows', () => {
    const slices = scanArray(bytesOf('[1,2,x]'), 1)
    expect(slices.next().value).toMatchObject({ firstRow: 0, rowCount: 1 })
    expect(slices.next().value).toMatchObject({ firstRow: 1, rowCount: 1 })
    expect(() => slices.next()).toThrow(RequestError)
  })

  it('names the item in which it stops being JSON', () => {
    expect(refusalOf(bytesOf('[1,x,2}'))).toBe('Payload[1] is not valid JSON at byte 3 (line 1, column 4)')
  })

  it.each([
    ['[x,2', 'Payload ends before its array is closed: it stops being JSON at byte 1 (line 1, column 2)'],
    ['[x,2] 3', 'Payload has something after its array: it stops being JSON at byte 1 (line 1, column 2)'],
    [`[x,${'['.repeat(MAX_DEPTH)}`, 'Payload[1] is nested deeper than 10000 levels'],
    [`[x${',0'.repeat(MAX_ROWS)}]`, 'Payload has more than 600000 items'],
  ])('tells of the whole rather than of an item: %.12s', (text, refusal) => {
    expect(refusalOf(bytesOf(text))).toBe(refusal)
  })

  it('leaves every byte between the brackets in its place, except the commas between slices', () => {
    const anyArray = fc.array(fc.json({ maxDepth: 3 }), { minLength: 1, maxLength: 20 })
    fc.assert(
      fc.property(anyArray, fc.nat(40), (items, sliceBytes) => {
        const text = `[${items.join(' ,\n')}]`
        const bytes = bytesOf(text)
        const slices = slicesOf(bytes, sliceBytes)
        const decoder = new TextDecoder()
        expect(slices.map(({ start, end }) => decoder.decode(bytes.subarray(start, end))).join(',')).toBe(
          text.slice(1, -1),
        )
        expect(slices.reduce((sum, { rowCount }) => sum + rowCount, 0)).toBe(items.length)
      }),
      { numRuns: 200 },
    )
  })
})
