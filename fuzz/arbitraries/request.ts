import * as fc from 'fast-check'
import { type OpenApi, type Operation, type Parameter, type Schema } from '../document.js'
import { nearlyValid, valid } from './from-schema.js'
import { hostileJson, noJson, toJson } from './json.js'
import { headerText, hostileText } from './texts.js'

/** As whom a request is sent. */
export const WAYS_IN = [
  'keys',
  'token',
  'basic',
  'nobody',
  'wrong keys',
  'wrong token',
  'token without scope',
] as const
export type WayIn = (typeof WAYS_IN)[number]

/** Stands for something that is there when the request is sent: a customer, an action, a link's token. */
export const KNOWN = Symbol('known')
export type Value = string | typeof KNOWN

/** A request as it was made up; what it names is filled in when it is sent. */
export interface MadeUp {
  readonly operation: Operation
  readonly wayIn: WayIn
  /** Which of the known things it means. */
  readonly which: number
  readonly path: Readonly<Record<string, Value>>
  readonly query: readonly (readonly [string, Value])[]
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | undefined
}

const CSV_HEADERS = ['Source_id', 'Name', 'Email', 'Phone', 'Birthdate', 'Address_City', 'tier']

export function requestFor(document: OpenApi, operation: Operation): fc.Arbitrary<MadeUp> {
  const parameters = operation.parameters ?? []
  return fc.record({
    operation: fc.constant(operation),
    wayIn: wayInto(operation),
    which: fc.nat({ max: 1_000 }),
    path: pathOf(document, parameters),
    query: queryOf(document, parameters),
    headers: headersOf(document, operation, parameters),
    body: bodyOf(document, operation),
  })
}

const takesClients = ({ security }: Operation): boolean => security?.some((way) => 'basic' in way) ?? false

function wayInto(operation: Operation): fc.Arbitrary<WayIn> {
  const good: WayIn[] = takesClients(operation) ? ['keys', 'basic'] : ['keys', 'token']
  return fc.oneof(
    { weight: 8, arbitrary: fc.constantFrom(...good) },
    { weight: 1, arbitrary: fc.constantFrom(...WAYS_IN) },
  )
}

const asText = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value))

function pathOf(document: OpenApi, parameters: readonly Parameter[]): fc.Arbitrary<Record<string, Value>> {
  const inPath = parameters.filter((parameter) => parameter.in === 'path')
  return fc.record(
    Object.fromEntries(
      inPath.map(({ name, schema }) => [
        name,
        schema.enum
          ? fc.oneof(
              { weight: 9, arbitrary: fc.constantFrom(...schema.enum).map(asText) },
              { weight: 1, arbitrary: hostileText },
            )
          : fc.oneof<fc.WeightedArbitrary<Value>[]>(
              { weight: 4, arbitrary: fc.constant<Value>(KNOWN) },
              { weight: 1, arbitrary: valid(document, schema).map(asText) },
              { weight: 1, arbitrary: hostileText },
            ),
      ]),
    ),
  )
}

function queryOf(document: OpenApi, parameters: readonly Parameter[]): fc.Arbitrary<[string, Value][]> {
  const inQuery = parameters.filter((parameter) => parameter.in === 'query')
  const known = inQuery.map((parameter): fc.Arbitrary<[string, Value][]> => {
    const value = fc.oneof<fc.WeightedArbitrary<Value>[]>(
      {
        weight: 6,
        arbitrary:
          parameter.name === 'token'
            ? fc.constant<Value>(KNOWN)
            : valid(document, parameter.schema).map(asText),
      },
      { weight: 1, arbitrary: hostileText },
    )
    const once = value.map((each): [string, Value][] => [[parameter.name, each]])
    const twice = fc
      .tuple(value, value)
      .map((both) => both.map((each): [string, Value] => [parameter.name, each]))
    const never = fc.constant<[string, Value][]>([])
    return fc.oneof(
      { weight: parameter.required ? 0 : 24, arbitrary: never },
      { weight: 6, arbitrary: once },
      { weight: parameter.required ? 0 : 1, arbitrary: twice },
    )
  })
  const strange = fc.oneof(
    { weight: 20, arbitrary: fc.constant<[string, Value][]>([]) },
    {
      weight: 1,
      arbitrary: fc
        .tuple(
          fc.constantFrom('x', 'limit[]', 'limit[a]', 'created_at', '__proto__', '', 'a[b][c]'),
          hostileText,
        )
        .map((pair): [string, Value][] => [pair]),
    },
  )
  return fc.tuple(...known, strange).map((parts) => parts.flat())
}

/** A value so many times in so many, otherwise nothing. */
const sometimes = <T>(times: number, of: number, value: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
  fc.oneof({ weight: of - times, arbitrary: fc.constant(undefined) }, { weight: times, arbitrary: value })

/** The type of the body is one that the operation takes, as a rule. */
function headersOf(
  document: OpenApi,
  operation: Operation,
  parameters: readonly Parameter[],
): fc.Arbitrary<Record<string, string>> {
  const types = Object.keys(operation.requestBody?.content ?? {})
  const named = parameters.filter((parameter) => parameter.in === 'header')
  return fc
    .record({
      type:
        types.length === 0
          ? fc.constant(undefined)
          : fc.oneof({ weight: 20, arbitrary: fc.constant(types[0]) }, { weight: 1, arbitrary: headerText }),
      accept: sometimes(1, 20, headerText),
      more: sometimes(1, 20, headerText),
      named: fc.record(
        Object.fromEntries(
          named.map(({ name, schema }) => [
            name,
            sometimes(
              1,
              3,
              fc.oneof(
                { weight: 6, arbitrary: valid(document, schema).map(asText) },
                { weight: 1, arbitrary: headerText },
              ),
            ),
          ]),
        ),
      ),
    })
    .map(({ type, accept, more, named: values }) => {
      const all = { ...values, 'Content-Type': type, Accept: accept, 'X-Request-Id': more }
      return Object.fromEntries(
        Object.entries(all).filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
      )
    })
}

function bodyOf(document: OpenApi, { requestBody }: Operation): fc.Arbitrary<string | undefined> {
  const [entry] = Object.entries(requestBody?.content ?? {})
  if (entry === undefined) return sometimes(1, 30, hostileText)
  const [type, { schema = {} }] = entry
  if (type === 'multipart/form-data') return fileBody
  if (type === 'application/x-www-form-urlencoded') return formBody(document, schema)
  return fc.oneof(
    { weight: 6, arbitrary: valid(document, schema).map(toJson) },
    { weight: 5, arbitrary: nearlyValid(document, schema).map(toJson) },
    { weight: 1, arbitrary: hostileJson.map(toJson) },
    { weight: 1, arbitrary: noJson },
  )
}

function formBody(document: OpenApi, schema: Schema): fc.Arbitrary<string> {
  const toForm = (value: unknown): string =>
    typeof value === 'object' && value !== null
      ? new URLSearchParams(
          Object.entries(value).map(([name, field]): [string, string] => [name, asText(field)]),
        ).toString()
      : asText(value)
  // The scope is a text in the document: without help no request would be right.
  const right = fc.constantFrom(
    'grant_type=client_credentials&scope=api',
    'grant_type=client_credentials&scope=customers%20async-actions',
    'token=KNOWN',
  )
  return fc.oneof(
    { weight: 4, arbitrary: right },
    { weight: 4, arbitrary: valid(document, schema).map(toForm) },
    { weight: 1, arbitrary: hostileText },
  )
}

export const BOUNDARY = 'fuzz-boundary'

const cell = fc.oneof(
  { weight: 5, arbitrary: fc.string({ unit: 'grapheme', maxLength: 10 }) },
  { weight: 1, arbitrary: hostileText },
)
const quoted = (text: string): string => `"${text.replaceAll('"', '""')}"`
const line = fc
  .array(cell, { minLength: CSV_HEADERS.length, maxLength: CSV_HEADERS.length })
  .map((cells) => cells.map(quoted).join())

/** A form with a file of customers, or with what is none. */
const fileBody = fc
  .oneof(
    {
      weight: 6,
      arbitrary: fc.array(line, { maxLength: 4 }).map((lines) => [CSV_HEADERS.join(), ...lines].join('\r\n')),
    },
    { weight: 1, arbitrary: hostileText },
  )
  .chain((file) =>
    fc.oneof(
      {
        weight: 12,
        arbitrary: fc.constant(
          [
            `--${BOUNDARY}`,
            'Content-Disposition: form-data; name="file"; filename="customers.csv"',
            'Content-Type: text/csv',
            '',
            file,
            `--${BOUNDARY}--`,
            '',
          ].join('\r\n'),
        ),
      },
      { weight: 1, arbitrary: fc.constant(`--${BOUNDARY}\r\n${file}`) },
      { weight: 1, arbitrary: fc.constant(file) },
    ),
  )
