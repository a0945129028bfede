import { type RowOutcome } from '../../kernel/index.js'
import { parse } from 'csv-parse/sync'
import fc from 'fast-check'
import { defuse, REPORT_HEADER, toCsv } from './csv.js'
import { defuseCells } from './safe-csv.js'

/** A reader that follows RFC 4180 to the letter: CRLF ends a record, and a quote stands only in quotes. */
const readStrictly = (csv: string): string[][] =>
  parse(csv, { record_delimiter: '\r\n', relax_column_count: false, relax_quotes: false })

/** A reader that takes any line break for the end of a record, as spreadsheets do. */
const readLikeSpreadsheet = (csv: string): string[][] =>
  parse(csv, { record_delimiter: ['\r\n', '\n', '\r'] })

const upserted = (sourceId: string): RowOutcome => ({ sourceId, found: false, updated: true })
const cellsOf = (sourceId: string): string | undefined => readStrictly(toCsv([upserted(sourceId)]))[0]?.[0]

const FORMULAS = ['=cmd()', '+1', '-1', '@SUM(A1)', '\t=1', '\r=1', '＝1', '＋1', '－1', '＠x']

/** Texts with everything that means something to CSV. */
const anyText = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        '"',
        '""',
        ',',
        ';',
        '\r',
        '\n',
        '\r\n',
        '\u2028',
        '\ufeff',
        '=',
        '-',
        '@',
        "'",
        ' ',
        '\t',
        '',
        'a',
      ),
      fc.string({ unit: 'binary', maxLength: 3 }),
    ),
    { maxLength: 8 },
  )
  .map((parts) => parts.join('').replaceAll('\0', ''))

const anyOutcome: fc.Arbitrary<RowOutcome> = fc.oneof(
  fc.record({ sourceId: anyText, found: fc.boolean(), updated: fc.boolean() }),
  fc.record({
    sourceId: anyText,
    found: fc.boolean(),
    updated: fc.constant(false),
    failure: fc.record({ key: anyText, message: anyText, details: anyText }),
  }),
)

const cells = ({ sourceId, found, updated, failure }: RowOutcome): string[] => [
  sourceId,
  String(found),
  String(updated),
  ...[failure?.key, failure?.message, failure?.details].map((text) => defuse(text ?? '')),
]

describe('A report', () => {
  it('begins with the names of its columns', () => {
    expect(readStrictly(REPORT_HEADER)).toEqual([
      ['source_id', 'found', 'updated', 'key', 'message', 'details'],
    ])
  })

  it('has one line per outcome, in their order', () => {
    const failure = { key: 'invalid_customer', message: 'Invalid customer', details: 'Property .name, "x"' }
    const csv = toCsv([
      { sourceId: 'a', found: false, updated: true },
      { sourceId: 'b', found: true, updated: true },
      { sourceId: 'c', found: true, updated: false },
      { sourceId: 'd', found: true, updated: false, failure },
    ])
    expect(csv).toBe(
      'a,false,true,,,\r\nb,true,true,,,\r\nc,true,false,,,\r\n' +
        'd,true,false,invalid_customer,Invalid customer,"Property .name, ""x"""\r\n',
    )
  })

  it('of no rows has no lines', () => {
    expect(toCsv([])).toBe('')
  })

  it.each([
    'a,b',
    '"',
    '"a"',
    'a\r\nb',
    'a\nb',
    'a\rb',
    ' a ',
    'a;b',
    'a\u2028b',
    '\ufeffa',
    'é',
    '😀',
    ...FORMULAS,
  ])('holds the source_id %j exactly', (sourceId) => {
    expect(cellsOf(sourceId)).toBe(sourceId)
  })

  it.each([
    ['NUL', 'a\0b', 'a\\u0000b'],
    ['a high half of a pair', 'a\ud800b', 'a\\ud800b'],
    ['a low half of a pair', '\udc00', '\\udc00'],
    ['halves the wrong way round', '\ude00\ud83d', '\\ude00\\ud83d'],
    ['a half before a whole pair', '\ud83d\ud83d\ude00', '\\ud83d😀'],
    ['a half after a whole pair', '😀\ude00', '😀\\ude00'],
  ])('shows %s by its escape', (_, sourceId, shown) => {
    expect(cellsOf(sourceId)).toBe(shown)
  })

  it('shows them in the other texts too', () => {
    const failure = { key: 'k\0', message: 'm\ud800', details: '\0=x' }
    const csv = toCsv([{ sourceId: 'a', found: false, updated: false, failure }])
    expect(readStrictly(csv)).toEqual([['a', 'false', 'false', 'k\\u0000', 'm\\ud800', '\\u0000=x']])
  })

  it.each(FORMULAS)('defuses %j in every text but the source_id', (formula) => {
    const failure = { key: formula, message: formula, details: formula }
    const csv = toCsv([{ sourceId: formula, found: false, updated: false, failure }])
    expect(readStrictly(csv)).toEqual([
      [formula, 'false', 'false', `'${formula}`, `'${formula}`, `'${formula}`],
    ])
  })

  it.each(['', 'a=b', "'=x", ' =x', '1+1', '(x)'])(
    'leaves %j alone: no spreadsheet takes it for a formula',
    (text) => {
      expect(defuse(text)).toBe(text)
    },
  )

  it('reads back as what went in, for strict readers and for spreadsheets', () => {
    fc.assert(
      fc.property(fc.array(anyOutcome, { maxLength: 8 }), (outcomes) => {
        const csv = toCsv(outcomes)
        expect(readStrictly(csv)).toEqual(outcomes.map(cells))
        expect(readLikeSpreadsheet(csv)).toEqual(outcomes.map(cells))
      }),
      { numRuns: 200 },
    )
  })

  it('is well-formed Unicode whatever the source_ids are', () => {
    const anyUnits = fc.array(fc.nat(0xffff)).map((units) => String.fromCharCode(...units))
    fc.assert(
      fc.property(anyUnits, (sourceId) => {
        const csv = toCsv([upserted(sourceId)])
        expect(csv.isWellFormed()).toBe(true)
        expect(csv).not.toContain('\0')
      }),
    )
  })
})

describe('A report that is safe for spreadsheets', () => {
  const safe = (outcomes: RowOutcome[]): string => defuseCells(toCsv(outcomes))

  it.each(FORMULAS)('defuses %j in the source_id too', (formula) => {
    expect(readStrictly(safe([upserted(formula)]))).toEqual([[`'${formula}`, 'false', 'true', '', '', '']])
  })

  it('does not defuse twice', () => {
    const failure = { key: 'k', message: 'm', details: '=x' }
    const csv = safe([{ sourceId: 'a', found: false, updated: false, failure }])
    expect(readStrictly(csv)).toEqual([['a', 'false', 'false', 'k', 'm', `'=x`]])
  })

  it('of no rows has no lines', () => {
    expect(safe([])).toBe('')
  })

  it('has no cell that begins like a formula, and otherwise the same cells', () => {
    fc.assert(
      fc.property(fc.array(anyOutcome, { maxLength: 8 }), (outcomes) => {
        const expected = outcomes.map((outcome) => cells(outcome).map(defuse))
        const csv = safe(outcomes)
        expect(readStrictly(csv)).toEqual(expected)
        expect(readLikeSpreadsheet(csv)).toEqual(expected)
        for (const cell of readStrictly(csv).flat()) expect(cell).toBe(defuse(cell))
      }),
      { numRuns: 200 },
    )
  })
})
