import * as fc from 'fast-check'
import { hasMoreProperties } from './json-properties.js'

const propertiesIn = (value: unknown): number =>
  typeof value === 'object' && value !== null
    ? Object.values(value).reduce<number>(
        (sum, each) => sum + propertiesIn(each) + (Array.isArray(value) ? 0 : 1),
        0,
      )
    : 0

describe('The properties of all objects in some JSON', () => {
  it('are counted as they are, whatever it is', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.nat({ max: 8 }), (value, most) => {
        const bytes = Buffer.from(JSON.stringify(value))
        expect(hasMoreProperties(bytes, most)).toBe(propertiesIn(value) > most)
      }),
    )
  })

  it('count each time when they have the same name', () => {
    const bytes = Buffer.from('{"a":1,"a":2,"a":3}')
    expect([2, 3].map((most) => hasMoreProperties(bytes, most))).toEqual([true, false])
  })

  it.each(['', '{', '{"a":1', '{"a":1,}', 'x', '{"a":1}x'])('are none where there is no JSON: %j', (text) => {
    expect(hasMoreProperties(Buffer.from(text), 5)).toBe(false)
  })
})
