import fc from 'fast-check'
import { replaceItems } from './replace-items.js'

describe('An array of which items are replaced', () => {
  it('keeps every other byte', () => {
    const text = '[ {"n":1.50, "m":1e400} ,{"a":"],["},\n"\\u0061ä" ]'
    expect(replaceItems(text, new Set([1]), 'null')).toBe('[ {"n":1.50, "m":1e400} ,null,\n"\\u0061ä" ]')
    expect(replaceItems(text, new Set(), 'null')).toBe(text)
  })

  it('has the replacement where the items were, and the others where they were', () => {
    fc.assert(
      fc.property(fc.array(fc.json({ maxDepth: 3 })), fc.array(fc.nat(20)), (items, places) => {
        const replaced = replaceItems(`[${items.join(', ')}]`, new Set(places), '7')
        const expected = items.map((item, place) => (places.includes(place) ? '7' : item))
        expect(JSON.parse(replaced)).toEqual(JSON.parse(`[${expected.join()}]`))
      }),
      { numRuns: 300 },
    )
  })
})
