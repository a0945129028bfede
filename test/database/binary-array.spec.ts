import fc from 'fast-check'
import {
  int4Array,
  readInt4Array,
  readTidArray,
  readTimestamptzArray,
  textArray,
  tidArray,
  timestamptzArray,
} from '../../src/database/index.js'
import { openStore, type TestStore } from '../support/test-store.factory.js'

let store: TestStore

beforeAll(async () => {
  store = await openStore()
})
afterAll(() => store.close())

/** What PostgreSQL makes of an array, element by element. */
async function unnested(type: string, array: Buffer, column = 'element'): Promise<unknown[]> {
  const rows = await store.query<{ element: unknown }>(
    `SELECT ${column} AS element FROM unnest($1::${type}[]) WITH ORDINALITY AS it (element, place) ORDER BY place`,
    [array],
  )
  return rows.map(({ element }) => element)
}

const MICROS = '(extract(epoch FROM element) * 1000000)::bigint'

/** Any text that PostgreSQL can hold: everything but NUL. */
const anyText = fc.string({ unit: 'binary', maxLength: 20 }).map((text) => text.replaceAll('\0', ''))

describe('An array of texts', () => {
  it.each([
    ['none', []],
    ['only null', [null]],
    ['empty ones', ['', '', null, '']],
    ['what would need quotes', ['NULL', 'null', '{a,b}', '"', '\\', ',', ' ', "'", '\\000']],
    ['several bytes per character', ['é', '€', '😀', '\u2028', '\ufeff', '\u{10ffff}']],
    ['long ones', ['x'.repeat(1_000_000), '😀'.repeat(100_000)]],
    ['more than is kept to write into', ['x'.repeat(2_000_000), 'é']],
  ])('arrives as it is: %s', async (_, texts: (string | null)[]) => {
    expect(await unnested('text', textArray(texts))).toEqual(texts)
  })

  it('arrives as it is, whatever the texts are', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.option(anyText), { maxLength: 40 }), async (texts) => {
        expect(await unnested('text', textArray(texts))).toEqual(texts)
      }),
      { numRuns: 150 },
    )
  })

  it('stays as it is when the next one is made', async () => {
    const [first, second] = [['a'.repeat(100_000), 'b'], ['c']]
    const [one, other] = [textArray(first), textArray(second)]
    expect(await unnested('text', one)).toEqual(first)
    expect(await unnested('text', other)).toEqual(second)
  })

  it('is refused by PostgreSQL when one of them has a NUL, instead of being cut short', async () => {
    await expect(unnested('text', textArray(['a\0b']))).rejects.toThrow('invalid byte sequence')
  })
})

describe('An array of whole numbers', () => {
  it('arrives as it is, to the limits', async () => {
    const anyNumber = fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 })
    const limits = [-(2 ** 31), -1, 0, 1, 2 ** 31 - 1]
    await fc.assert(
      fc.asyncProperty(fc.array(anyNumber, { maxLength: 40 }), async (numbers) => {
        expect(await unnested('int4', int4Array(numbers))).toEqual(numbers)
      }),
      { numRuns: 50, examples: [[[]], [limits]] },
    )
  })

  it.each([2 ** 31, -(2 ** 31) - 1])('does not take %d', (number) => {
    expect(() => int4Array([number])).toThrow('out of range')
  })
})

/** Of pages and of lines on them the first ones, the last ones, and those at which a sign would turn. */
const LANDMARKS_OF_PLACES = [1, 0xffff, 0x10000, 0x7fff_ffff_0001, 0x8000_0000_0001, 0xffff_fffe_ffff]
const anyPlace = fc.integer({ min: 0, max: 0xffff_ffff_ffff })
const asTid = (place: number) => `(${Math.floor(place / 65_536)},${place % 65_536})`

describe('An array of places', () => {
  it('arrives as it is', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(anyPlace, { maxLength: 40 }), async (places) => {
        expect(await unnested('tid', tidArray(places), 'element::text')).toEqual(places.map(asTid))
      }),
      { numRuns: 50, examples: [[[]], [LANDMARKS_OF_PLACES]] },
    )
  })
})

describe('An array of instants', () => {
  it('arrives to the microsecond', async () => {
    const anyInstant = fc.integer({ min: Date.UTC(1800, 0) * 1000, max: Date.UTC(2255, 0) * 1000 })
    const landmarks = [
      null,
      0,
      -1,
      Date.UTC(2000, 0) * 1000,
      Date.UTC(2000, 0) * 1000 - 1,
      Number.MAX_SAFE_INTEGER,
    ]
    await fc.assert(
      fc.asyncProperty(fc.array(fc.option(anyInstant), { maxLength: 40 }), async (instants) => {
        const arrived = await unnested('timestamptz', timestamptzArray(instants), MICROS)
        expect(arrived.map((micros) => (micros === null ? null : Number(micros)))).toEqual(instants)
      }),
      { numRuns: 50, examples: [[[]], [landmarks]] },
    )
  })

  it('means the same instants to PostgreSQL', async () => {
    const instants = [Date.UTC(2026, 0, 31, 23, 59, 59, 123) * 1000 + 456]
    expect(
      await unnested('timestamptz', timestamptzArray(instants), `(element AT TIME ZONE 'UTC')::text`),
    ).toEqual(['2026-01-31 23:59:59.123456'])
  })
})

describe('What PostgreSQL sends of an array', () => {
  const sent = async (type: string, array: Buffer): Promise<Buffer> => {
    const [row] = await store.query<{ sent: Buffer }>(`SELECT array_send($1::${type}[]) AS sent`, [array])
    return row?.sent ?? Buffer.alloc(0)
  }

  it('is read as the whole numbers that it holds', async () => {
    const anyNumber = fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 })
    const limits = [-(2 ** 31), -1, 0, 1, 2 ** 31 - 1]
    await fc.assert(
      fc.asyncProperty(fc.array(anyNumber, { minLength: 1, maxLength: 40 }), async (numbers) => {
        expect(readInt4Array(await sent('int4', int4Array(numbers)))).toEqual(numbers)
      }),
      { numRuns: 50, examples: [[limits]] },
    )
  })

  it('is read as the places that it holds', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(anyPlace, { minLength: 1, maxLength: 40 }), async (places) => {
        expect(readTidArray(await sent('tid', tidArray(places)))).toEqual(places)
      }),
      { numRuns: 50, examples: [[LANDMARKS_OF_PLACES]] },
    )
  })

  it('is read as the instants that it holds', async () => {
    const anyInstant = fc.integer({ min: Date.UTC(1800, 0) * 1000, max: Date.UTC(2255, 0) * 1000 })
    const landmarks = [0, -1, Date.UTC(2000, 0) * 1000, Date.UTC(2000, 0) * 1000 - 1, Number.MAX_SAFE_INTEGER]
    await fc.assert(
      fc.asyncProperty(fc.array(anyInstant, { minLength: 1, maxLength: 40 }), async (instants) => {
        expect(readTimestamptzArray(await sent('timestamptz', timestamptzArray(instants)))).toEqual(instants)
      }),
      { numRuns: 50, examples: [[landmarks]] },
    )
  })
})

describe('Arrays side by side', () => {
  it('stay row by row what they were', async () => {
    const anyRow = fc.record({ text: fc.option(anyText), number: fc.nat(), instant: fc.option(fc.nat()) })
    await fc.assert(
      fc.asyncProperty(fc.array(anyRow, { maxLength: 20 }), async (rows) => {
        const arrived = await store.query(
          `SELECT text, number, (extract(epoch FROM instant) * 1000000)::bigint::float8 AS instant
           FROM unnest($1::text[], $2::int4[], $3::timestamptz[]) WITH ORDINALITY AS it (text, number, instant, place)
           ORDER BY place`,
          [
            textArray(rows.map(({ text }) => text)),
            int4Array(rows.map(({ number }) => number)),
            timestamptzArray(rows.map(({ instant }) => instant)),
          ],
        )
        expect(arrived).toEqual(rows)
      }),
      { numRuns: 50 },
    )
  })
})
