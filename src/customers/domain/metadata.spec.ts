import { type JsonObject, type JsonValue } from '../../kernel/index.js'
import { checkMerged } from './metadata.js'
import { RowRefusal } from './row-refusal.js'

/** What is said of metadata that a customer would have; undefined when it may. */
function refusalOf(current: JsonObject, changes: JsonObject): string | undefined {
  try {
    checkMerged(current, changes)
    return undefined
  } catch (refusal) {
    if (refusal instanceof RowRefusal) return refusal.failure.details
    throw refusal
  }
}
const keys = (from: number, to: number, value: JsonValue = 0): JsonObject =>
  Object.fromEntries(Array.from({ length: to - from }, (_, index) => [`k${from + index}`, value]))
const beyond = (limit: string): string =>
  `Property .metadata must not have more than ${limit}, with what the customer has already`

describe('Metadata that a customer has, with those of a row', () => {
  it('may have 1,000 keys at its first level, those that are replaced counted once', () => {
    expect(refusalOf(keys(0, 600), keys(600, 1_000))).toBeUndefined()
    expect(refusalOf(keys(0, 1_000), keys(0, 1_000))).toBeUndefined()
    expect(refusalOf(keys(0, 600), keys(600, 1_001))).toBe(beyond('1000 keys at its first level'))
  })

  it('may have 5,000 entries, on all levels together', () => {
    const items = (count: number): JsonValue[] => Array.from({ length: count }, () => 0)
    expect(refusalOf({ a: items(2_499) }, { b: items(2_499) })).toBeUndefined()
    expect(refusalOf({ a: items(2_499) }, { b: items(2_500) })).toBe(beyond('5000 entries'))
    expect(refusalOf({ a: items(4_000) }, { a: items(4_000) })).toBeUndefined()
    expect(refusalOf({ a: { b: items(2_498) } }, { c: { d: items(2_498) } })).toBeUndefined()
    expect(refusalOf({ a: { b: items(2_498) } }, { c: { d: items(2_499) } })).toBe(beyond('5000 entries'))
  })

  it('may have 262,144 characters, keys and values together, places in arrays aside', () => {
    const text = (length: number): string => 'x'.repeat(length)
    expect(refusalOf({ a: text(131_071) }, { b: text(131_071) })).toBeUndefined()
    expect(refusalOf({ a: text(131_071) }, { b: text(131_072) })).toBe(beyond('262144 characters'))
    expect(refusalOf({ a: text(131_071) }, { [text(131_072)]: null })).toBeUndefined()
    expect(refusalOf({ a: text(131_071) }, { [text(131_073)]: null })).toBe(beyond('262144 characters'))
    expect(refusalOf({ a: [text(131_071)] }, { b: { [text(131_070)]: 'x' } })).toBeUndefined()
    expect(refusalOf({ a: [text(131_071)] }, { b: { [text(131_070)]: 'xx' } })).toBe(
      beyond('262144 characters'),
    )
  })
})
