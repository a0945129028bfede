import fc from 'fast-check'
import { instantOfText, millisBetween, plusDays, toMicrosText, toMillisText } from './instant.js'

const AT = Date.UTC(2026, 0, 31, 23, 59, 59, 123) * 1000

/** Every microsecond from 1970 to 2255. */
const anyInstant = fc.integer({ min: 0, max: Date.UTC(2255, 0) * 1000 })

describe('An instant', () => {
  it('shows three digits where milliseconds are shown, and never rounds up', () => {
    expect(toMillisText(AT)).toBe('2026-01-31T23:59:59.123Z')
    expect(toMillisText(AT + 999)).toBe('2026-01-31T23:59:59.123Z')
  })

  it('shows six digits where microseconds are shown', () => {
    expect(toMicrosText(AT)).toBe('2026-01-31T23:59:59.123000Z')
    expect(toMicrosText(AT + 7)).toBe('2026-01-31T23:59:59.123007Z')
    expect(toMicrosText(AT + 999)).toBe('2026-01-31T23:59:59.123999Z')
  })

  it('is moved by days', () => {
    expect(toMillisText(plusDays(AT, 90))).toBe('2026-05-01T23:59:59.123Z')
  })

  it('is so many whole milliseconds before another', () => {
    expect(millisBetween(AT, AT + 1_999)).toBe(1)
    expect(millisBetween(AT, AT)).toBe(0)
  })

  it('is exact to the microsecond, and its texts sort as it does', () => {
    fc.assert(
      fc.property(anyInstant, anyInstant, (one, other) => {
        const text = toMicrosText(one)
        expect(Date.parse(`${text.slice(0, 23)}Z`) * 1000 + Number(text.slice(23, 26))).toBe(one)
        expect(Math.sign(one - other)).toBe(compare(text, toMicrosText(other)))
      }),
    )
  })
})

const compare = (one: string, other: string): number => (one === other ? 0 : one < other ? -1 : 1)

describe('The instant that a text names', () => {
  it.each([
    ['2026-01-31', '2026-01-31T00:00:00.000000Z'],
    ['2026-01-31T23:59', '2026-01-31T23:59:00.000000Z'],
    ['2026-01-31T23:59:59Z', '2026-01-31T23:59:59.000000Z'],
    ['2026-01-31T23:59:59.123456Z', '2026-01-31T23:59:59.123456Z'],
    ['2026-01-31T23:59:59.1234567Z', '2026-01-31T23:59:59.123456Z'],
    ['2026-01-31T23:59:59.5+02:00', '2026-01-31T21:59:59.500000Z'],
    ['2026-01-31T23:59:59-0130', '2026-02-01T01:29:59.000000Z'],
    ['1970-01-01T00:00:00Z', '1970-01-01T00:00:00.000000Z'],
    ['2200-01-01T00:00:00Z', '2200-01-01T00:00:00.000000Z'],
  ])('%s is %s', (text, instant) => {
    expect(toMicrosText(instantOfText(text) ?? NaN)).toBe(instant)
  })

  it.each([
    '',
    'today',
    '2026-13-01',
    '2026-01-31T25:00Z',
    '2026-01-31T23:59:59+99:99',
    '2026',
    '2026-1-1',
    'infinity',
  ])('%j names none', (text) => {
    expect(instantOfText(text)).toBeUndefined()
  })
})
