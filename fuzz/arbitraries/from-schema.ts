import * as fc from 'fast-check'
import { type OpenApi, resolve, type Schema } from '../document.js'
import { Fields, hostileJson } from './json.js'
import { hostileText } from './texts.js'

const FREE_TEXT = fc.oneof(
  { weight: 6, arbitrary: fc.string({ unit: 'grapheme', minLength: 1, maxLength: 30 }) },
  { weight: 1, arbitrary: hostileText },
)
const YEAR_MS = 31_557_600_000

const dateTime = fc
  .integer({ min: -60 * YEAR_MS, max: 60 * YEAR_MS })
  .map((milliseconds) => new Date(milliseconds).toISOString())

/** Values that a schema describes; free texts among them may be anything. */
export function valid(document: OpenApi, given: Schema): fc.Arbitrary<unknown> {
  const schema = resolve(document, given)
  const value = ofType(document, schema)
  return schema.nullable ? fc.option(value, { freq: 8 }) : value
}

function ofType(document: OpenApi, schema: Schema): fc.Arbitrary<unknown> {
  if (schema.enum) return fc.constantFrom(...schema.enum)
  const [first] = schema.allOf ?? schema.oneOf ?? []
  if (first && !schema.properties) return valid(document, first)
  return schema.type === undefined ? fc.jsonValue({ maxDepth: 2 }) : OF_TYPE[schema.type](document, schema)
}

type Make = (document: OpenApi, schema: Schema) => fc.Arbitrary<unknown>

const integer: Make = (_, { minimum = -1_000, maximum = 1_000 }) => fc.integer({ min: minimum, max: maximum })

const OF_TYPE: Record<NonNullable<Schema['type']>, Make> = {
  string: (_, schema) => text(schema),
  integer,
  number: integer,
  boolean: () => fc.boolean(),
  array: (document, { items = {} }) => fc.array(valid(document, items), { maxLength: 4 }),
  object,
}

function text({ format, minLength = 0, maxLength = 60 }: Schema): fc.Arbitrary<string> {
  if (format === 'date') return dateTime.map((instant) => instant.slice(-24, -14))
  if (format === 'date-time') return dateTime
  if (minLength > 0 || maxLength !== 60)
    return fc.string({ minLength, maxLength: Math.min(maxLength, 60), unit: 'grapheme-ascii' })
  return FREE_TEXT
}

function object(document: OpenApi, schema: Schema): fc.Arbitrary<object> {
  const { properties = {}, required = [] } = schema
  if (Object.keys(properties).length === 0)
    return fc.dictionary(fc.oneof(fc.string({ maxLength: 8 }), hostileText), fc.jsonValue({ maxDepth: 1 }), {
      maxKeys: 4,
    })
  const fields = Object.fromEntries(
    Object.entries(properties).map(([name, property]) => [name, valid(document, property)]),
  )
  const requiredKeys = required.filter((name) => name in fields)
  // Otherwise nearly every one would have nearly all fields, and be wrong in one of them.
  return fc.record(fields, { requiredKeys, noNullPrototype: true })
}

/** Values that a schema describes but for one thing: a field that is missing, strange, unknown, or there twice. */
export function nearlyValid(document: OpenApi, given: Schema): fc.Arbitrary<unknown> {
  const schema = resolve(document, given)
  if (schema.type === 'array')
    return fc
      .tuple(
        fc.array(valid(document, schema.items ?? {}), { maxLength: 3 }),
        nearlyValid(document, schema.items ?? {}),
      )
      .map(([items, strange]) => [...items, strange])
  if (schema.type !== 'object' || schema.properties === undefined) return hostileJson
  const names = Object.keys(schema.properties)
  const change = fc.record({
    how: fc.constantFrom('drop', 'replace', 'add', 'double'),
    name: fc.constantFrom(...names),
    other: hostileText,
    strange: hostileJson,
  })
  return fc.tuple(valid(document, schema), change).map(([value, { how, name, other, strange }]) => {
    const entries = Object.entries(value as object)
    if (how === 'drop') return new Fields(entries.filter(([each]) => each !== name))
    if (how === 'add') return new Fields([...entries, [other, strange]])
    if (how === 'double') return new Fields([...entries, [name, strange], [name, strange]])
    return new Fields([...entries.filter(([each]) => each !== name), [name, strange]])
  })
}
