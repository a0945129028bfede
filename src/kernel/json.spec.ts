import fc from 'fast-check'
import { isDeepStrictEqual } from 'node:util'
import { isJsonObject, type JsonValue, sameJson, setOwn } from './json.js'

const parse = (json: string): JsonValue => JSON.parse(json) as JsonValue

describe('Two JSON values', () => {
  it.each([
    ['null', 'null'],
    ['[]', '[]'],
    ['{}', '{}'],
    ['{"a":1,"b":[2,{"c":3}]}', '{"b":[2,{"c":3}],"a":1}'],
    ['0', '-0'],
    ['"é"', '"\\u00e9"'],
    ['{"__proto__":1}', '{"__proto__":1}'],
  ])('are the same: %s and %s', (one, other) => {
    expect(sameJson(parse(one), parse(other))).toBe(true)
    expect(sameJson(parse(other), parse(one))).toBe(true)
  })

  it.each([
    ['1', '"1"'],
    ['true', '"true"'],
    ['null', 'false'],
    ['null', '0'],
    ['null', '{}'],
    ['[]', '{}'],
    ['[1]', '{"0":1}'],
    ['[1,2]', '[2,1]'],
    ['[1]', '[1,1]'],
    ['[null]', '[]'],
    ['{"a":null}', '{}'],
    ['{"a":null}', '{"b":null}'],
    ['{"a":1}', '{"a":1,"b":1}'],
    ['{"a":{"b":1}}', '{"a":{"b":2}}'],
    ['"é"', '"e\\u0301"'],
    ['{"__proto__":1}', '{"x":1}'],
    ['{"toString":1}', '{"x":1}'],
    ['{"__proto__":{}}', '{"x":{}}'],
  ])('are not the same: %s and %s', (one, other) => {
    expect(sameJson(parse(one), parse(other))).toBe(false)
    expect(sameJson(parse(other), parse(one))).toBe(false)
  })

  it('are not the same when only one is there', () => {
    expect(sameJson(undefined, undefined)).toBe(true)
    expect(sameJson(undefined, null)).toBe(false)
    expect(sameJson({}, undefined)).toBe(false)
  })

  it('are the same exactly when a reference says so', () => {
    const few = fc.jsonValue({ maxDepth: 2 })
    const alike = fc.letrec<{ value: JsonValue }>((tie) => ({
      value: fc.oneof(
        { maxDepth: 3 },
        fc.constantFrom<JsonValue[]>(null, 0, 1, '', '1', true),
        fc.array(tie('value'), { maxLength: 2 }),
        fc.dictionary(fc.constantFrom('a', 'b', '__proto__'), tie('value'), { maxKeys: 2 }),
      ),
    })).value
    const plain = fc.oneof(alike, few).map((value) => parse(JSON.stringify(value)))
    fc.assert(
      fc.property(plain, plain, (one, other) => {
        expect(sameJson(one, other)).toBe(isDeepStrictEqual(one, other))
        expect(sameJson(one, reversed(one))).toBe(true)
      }),
      { numRuns: 200 },
    )
  })

  it('may be nested thousands of levels deep', () => {
    const deep = (): JsonValue => parse(`${'['.repeat(2_000)}1${']'.repeat(2_000)}`)
    expect(sameJson(deep(), deep())).toBe(true)
  })
})

describe('A JSON object', () => {
  it.each([[{}], [{ a: 1 }], [Object.create(null)]])('is %j', (value) => {
    expect(isJsonObject(value)).toBe(true)
  })

  it.each([[null], [undefined], [[]], ['{}'], [1], [true]])('is not %j', (value) => {
    expect(isJsonObject(value)).toBe(false)
  })
})

/** The same value with the keys of every object in reverse. */
function reversed(value: JsonValue): JsonValue {
  if (Array.isArray(value)) return value.map(reversed)
  if (!isJsonObject(value)) return value
  const entries = Object.entries(value).map(([key, child]) => [key, reversed(child)] as const)
  return Object.fromEntries(entries.reverse())
}

describe('A property that is given to an object', () => {
  it.each(['name', '__proto__', 'constructor'])('is its own, and like any other: %s', (key) => {
    const object = {}
    setOwn(object, key, { polluted: true })
    expect(Object.getOwnPropertyDescriptor(object, key)).toEqual({
      value: { polluted: true },
      configurable: true,
      enumerable: true,
      writable: true,
    })
    expect(Object.getPrototypeOf(object)).toBe(Object.prototype)
  })
})
