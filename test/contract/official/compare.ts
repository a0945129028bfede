import { type Definitions } from './definitions.js'
import { type Endpoint } from './endpoints.js'
import {
  describe,
  type Described,
  flatten,
  type FlatSchema,
  type OpenApiDocument,
  type OpenApiSchema,
} from './openapi.js'
import { type Schema } from './schema.js'

/**
 * How closely a document has to follow: `exact` finds every difference; `request` admits a document that takes
 * more than it has to, `response` one that answers less than it may.
 */
export type Closeness = 'exact' | 'request' | 'response'

/** A family of endpoints in our own notation. */
export interface Family {
  readonly endpoints: readonly Endpoint[]
  readonly definitions: Definitions
}

/** What differs between our notation and an official OpenAPI document, in the endpoints that we have. */
export function compareWithOfficial(family: Family, document: OpenApiDocument): string[] {
  return family.endpoints.flatMap((endpoint) =>
    compareEndpoint(endpoint, describe(document, endpoint.method, endpoint.path), {
      family,
      document,
      exact: true,
      toleratedStatuses: [],
    }),
  )
}

/** Where the document of a server promises something else of an endpoint than the (corrected) family. */
export function compareEndpointOfServer(
  family: Family,
  endpoint: Endpoint,
  document: OpenApiDocument,
  toleratedStatuses: readonly number[],
): string[] {
  const described = describe(document, endpoint.method, endpoint.path)
  return compareEndpoint(endpoint, described, { family, document, exact: false, toleratedStatuses })
}

interface Comparison {
  readonly family: Family
  readonly document: OpenApiDocument
  readonly exact: boolean
  /** Statuses that the document may have beyond those of the family. */
  readonly toleratedStatuses: readonly number[]
}

function compareEndpoint(
  endpoint: Endpoint,
  described: Described | undefined,
  comparison: Comparison,
): string[] {
  const name = `${endpoint.method.toUpperCase()} ${endpoint.path}`
  if (described === undefined) return [`${name} is not there`]
  return [
    ...compareSets(endpoint.scopes, described.scopes, 'scope'),
    ...compareQuery(endpoint, described, comparison),
    ...compareBody(endpoint, described, comparison),
    ...compareResponses(endpoint, described, comparison),
  ].map((difference) => `${name} ${difference}`)
}

function compareQuery({ query }: Endpoint, described: Described, comparison: Comparison): string[] {
  const schemas = new SchemaComparison(comparison, comparison.exact ? 'exact' : 'request')
  const shared = Object.entries(described.query).filter(([name]) => name in query)
  return [
    ...compareSets(Object.keys(query), Object.keys(described.query), 'query parameter'),
    ...shared.flatMap(([name, { required, schema = {} }]) => [
      ...(required === true ? [`?${name} is required`] : []),
      ...schemas.compare(query[name] ?? {}, schema, `?${name}`),
    ]),
  ]
}

function compareBody({ body }: Endpoint, described: Described, comparison: Comparison): string[] {
  if (body === undefined || described.body === undefined) {
    const missing = body === undefined ? 'no body' : 'a body'
    return body === described.body ? [] : [`should take ${missing}`]
  }
  if (body.type !== described.body.type) return [`takes ${described.body.type}, not ${body.type}`]
  const schemas = new SchemaComparison(comparison, comparison.exact ? 'exact' : 'request')
  return schemas.compare(body.schema, described.body.schema, 'request')
}

function compareResponses({ responses }: Endpoint, described: Described, comparison: Comparison): string[] {
  const schemas = new SchemaComparison(comparison, comparison.exact ? 'exact' : 'response')
  const tolerated = comparison.toleratedStatuses.map(String)
  const theirs = Object.keys(described.responses).filter(
    (status) => status in responses || !tolerated.includes(status),
  )
  const shared = theirs.filter((status) => status in responses)
  return [
    ...compareSets(Object.keys(responses), theirs, 'status'),
    ...shared.flatMap((status) => {
      const [expected, actual] = [responses[Number(status)] ?? null, described.responses[status] ?? null]
      if (expected === null || actual === null)
        return expected === actual
          ? []
          : [`${status} should ${expected === null ? 'be empty' : 'have a body'}`]
      return schemas.compare(expected, actual.schema, status)
    }),
  ]
}

function compareSets(expected: readonly string[], actual: readonly string[], what: string): string[] {
  return [
    ...expected.filter((name) => !actual.includes(name)).map((name) => `lacks ${what} ${name}`),
    ...[...new Set(actual)]
      .filter((name) => !expected.includes(name))
      .map((name) => `has an unlisted ${what} ${name}`),
  ]
}

const includesAll = (all: readonly string[], some: readonly string[]): boolean =>
  some.every((each) => all.includes(each))

class SchemaComparison {
  constructor(
    private readonly comparison: Pick<Comparison, 'family' | 'document'>,
    private readonly closeness: Closeness,
  ) {}

  compare(expected: Schema, actual: OpenApiSchema, at: string): string[] {
    if (expected.ref !== undefined) return this.compareReferred(expected, actual, at)
    const flat = flatten(actual, this.comparison.document)
    if (expected.among !== undefined) return this.compareAlternatives(expected.among, actual, flat, at)
    if (expected.type !== flat.type)
      return [`${at} is of type ${String(flat.type)}, not ${String(expected.type)}`]
    const own = [
      ...this.compareNullable(expected, flat),
      ...this.compareValue(expected, flat),
      ...(expected.type === 'object' ? this.compareObject(expected, flat) : []),
    ]
    return [...own.map((difference) => `${at} ${difference}`), ...this.compareInside(expected, flat, at)]
  }

  private compareInside(expected: Schema, flat: FlatSchema, at: string): string[] {
    const { items, values, properties = {} } = expected
    const shared = Object.entries(flat.properties).filter(([name]) => name in properties)
    return [
      ...(items ? this.compare(items, flat.items ?? {}, `${at}[]`) : []),
      ...(values && flat.values ? this.compare(values, flat.values, `${at}{}`) : []),
      ...shared.flatMap(([name, schema]) => this.compare(properties[name] ?? {}, schema, `${at}.${name}`)),
    ]
  }

  private compareReferred(expected: Schema, actual: OpenApiSchema, at: string): string[] {
    const { ref = '', nullable } = expected
    const definition = this.comparison.family.definitions[ref]
    if (definition === undefined) throw new Error(`There is no definition ${ref}.`)
    return this.compare(nullable ? { ...definition, nullable } : definition, actual, at)
  }

  private compareNullable(expected: Schema, flat: FlatSchema): string[] {
    const nullable = expected.nullable ?? false
    if (nullable === flat.nullable) return []
    if (this.closeness === 'response' && nullable) return []
    if (this.closeness === 'request' && flat.nullable) return []
    return [flat.nullable ? 'may be null' : 'may not be null']
  }

  private compareValue(expected: Schema, flat: FlatSchema): string[] {
    const differences: string[] = []
    if (expected.format !== flat.format)
      differences.push(`has format ${String(flat.format)}, not ${String(expected.format)}`)
    if (!this.isEnumGood(expected.enum, flat.enum))
      differences.push(`has the values ${String(flat.enum)}, not ${String(expected.enum)}`)
    for (const bound of ['minimum', 'maximum'] as const) {
      const tolerated = this.closeness === 'response' && expected[bound] === undefined
      if (expected[bound] !== flat[bound] && !tolerated)
        differences.push(`has ${bound} ${String(flat[bound])}, not ${String(expected[bound])}`)
    }
    return differences
  }

  private isEnumGood(
    expected: readonly string[] | undefined,
    actual: readonly string[] | undefined,
  ): boolean {
    if (this.closeness === 'request')
      return actual === undefined || (expected !== undefined && includesAll(actual, expected))
    if (this.closeness === 'response' && expected === undefined) return true
    if (expected === undefined || actual === undefined) return expected === actual
    return includesAll(expected, actual) && (this.closeness === 'response' || includesAll(actual, expected))
  }

  private compareObject(expected: Schema, flat: FlatSchema): string[] {
    if (expected.free) return this.compareFree(flat)
    if (expected.values) return flat.values ? [] : ['says nothing of its values']
    const { properties = {}, required = [] } = expected
    return [
      ...compareSets(Object.keys(properties), Object.keys(flat.properties), 'property'),
      ...this.compareRequired(required, flat.required),
    ]
  }

  private compareFree({ properties }: FlatSchema): string[] {
    const names = Object.keys(properties)
    return names.length === 0 || this.closeness === 'response'
      ? []
      : [`is not free, but has ${names.join(', ')}`]
  }

  private compareRequired(expected: readonly string[], actual: readonly string[]): string[] {
    const missing = this.closeness === 'request' ? [] : expected.filter((name) => !actual.includes(name))
    const extra = this.closeness === 'response' ? [] : actual.filter((name) => !expected.includes(name))
    return [...missing.map((name) => `does not require ${name}`), ...extra.map((name) => `requires ${name}`)]
  }

  /** Official documents have more alternatives than concern us; a server may answer with fewer. */
  private compareAlternatives(
    expected: readonly Schema[],
    actual: OpenApiSchema,
    flat: FlatSchema,
    at: string,
  ): string[] {
    const theirs = flat.alternatives.length > 0 ? flat.alternatives : [actual]
    const pairs =
      this.closeness === 'response'
        ? theirs.map((one) => expected.map((other) => this.compare(other, one, at)))
        : expected.map((one) => theirs.map((other) => this.compare(one, other, at)))
    return pairs.flatMap(closest)
  }
}

/** The differences from the most similar alternative: none when one matches. */
const closest = (differences: string[][]): string[] =>
  differences.reduce((best, each) => (each.length < best.length ? each : best), differences[0] ?? [])
