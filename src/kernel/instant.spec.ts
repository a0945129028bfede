import fc from 'fast-check'
import { millisBetween, plusDays, toMicrosText, toMillisText } from './instant.js'

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
