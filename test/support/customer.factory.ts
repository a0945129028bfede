import fc from 'fast-check'
import {
  type Address,
  ADDRESS_KEYS,
  type CustomerChanges,
  type CustomerDocument,
  TEXT_ATTRIBUTES,
} from '../../src/customers/domain/customer-document.js'
import { type CustomerRow } from '../../src/customers/domain/customer-row.js'
import { type JsonObject, type JsonValue } from '../../src/kernel/index.js'

/** Few values, so that rows often agree with what is there already. */
const text = fc.constantFrom(null, '', 'Ada', 'Grace')

const json = fc.oneof(
  fc.constantFrom<JsonValue[]>(null, 0, 1, '1', true, [], {}, [1, 2], [2, 1], { a: 1, b: 2 }, { b: 2, a: 1 }),
  fc.jsonValue({ maxDepth: 2 }).map((value) => JSON.parse(JSON.stringify(value)) as JsonValue),
)

const address: fc.Arbitrary<Address> = fc.dictionary(fc.constantFrom(...ADDRESS_KEYS), text, {
  maxKeys: 3,
  noNullPrototype: true,
})

const metadata: fc.Arbitrary<JsonObject> = fc.dictionary(fc.constantFrom('lang', 'test', 'tags', ''), json, {
  maxKeys: 3,
  noNullPrototype: true,
})

/** Anything that a row may want of a customer. */
export const anyChanges: fc.Arbitrary<CustomerChanges> = fc.record(
  {
    name: text,
    description: text,
    email: text,
    phone: text,
    birthday: fc.constantFrom(null, '1815-12-10', '1906-12-09'),
    birthdate: fc.constantFrom(null, '1815-12-10', '1906-12-09'),
    address: fc.option(address),
    metadata: fc.option(metadata),
  },
  { requiredKeys: [], noNullPrototype: true },
)

const failure = { key: 'invalid_customer', message: 'Invalid customer', details: 'It is wrong.' }

/** Rows of a request, many of them about the same few customers, some of them refused. */
export const anyRows = (maxLength = 30): fc.Arbitrary<CustomerRow[]> =>
  fc.array(
    fc
      .record({
        sourceId: fc.constantFrom('a', 'b', 'c', 'A', '__proto__'),
        changes: anyChanges,
        fails: rarely,
      })
      .map(({ sourceId, changes, fails }) => (fails ? { sourceId, failure } : { sourceId, changes })),
    { maxLength },
  )

const rarely = fc.integer({ min: 0, max: 5 }).map((number) => number === 0)

/** The rules of a bulk update in their shortest form: what a customer is after a row. */
export function documentAfter(before: CustomerDocument | undefined, row: CustomerChanges): CustomerDocument {
  const after: Record<string, unknown> = { address: null, ...before }
  for (const attribute of TEXT_ATTRIBUTES) {
    if (row[attribute] !== undefined) after[attribute] = row[attribute]
    if (after[attribute] === null) Reflect.deleteProperty(after, attribute)
  }
  for (const part of ['address', 'metadata'] as const) {
    const wanted = row[part]
    if (wanted === null) after[part] = null
    else if (wanted && Object.keys(wanted).length > 0) after[part] = { ...before?.[part], ...wanted }
  }
  if (after['metadata'] === null) delete after['metadata']
  return after as unknown as CustomerDocument
}
