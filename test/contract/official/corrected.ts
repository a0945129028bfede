import { type Family } from './compare.js'
import {
  DEVIATIONS,
  OMISSIONS,
  QUERY_EXTENSIONS,
  RESPONSE_EXTENSIONS,
  SCHEMA_EXTENSIONS,
} from './corrections.js'
import { DEFINITIONS, type Definitions } from './definitions.js'
import { type Endpoint, ENDPOINTS } from './endpoints.js'
import { type Schema } from './schema.js'

/** `GET /v1/customers`: how an endpoint is named in corrections and messages. */
export const nameOf = ({ method, path }: Pick<Endpoint, 'method' | 'path'>): string =>
  `${method.toUpperCase()} ${path}`

/** The family as answers have to follow it: the official description with every correction applied. */
export function correctedFamily(): Family {
  return { endpoints: ENDPOINTS.map(withExtensions), definitions: correctedDefinitions() }
}

/** The family as our own document has it: without what we never send. */
export function ourFamily(): Family {
  const family = correctedFamily()
  const definitions: Record<string, Schema> = { ...family.definitions }
  for (const { schema: name, properties: omitted } of OMISSIONS) {
    const schema = definitions[name]
    const kept = Object.entries(schema?.properties ?? {}).filter(([property]) => !omitted.includes(property))
    definitions[name] = { ...schema, properties: Object.fromEntries(kept) }
  }
  return { ...family, definitions }
}

function withExtensions(endpoint: Endpoint): Endpoint {
  const isOurs = (extension: { endpoint: string }): boolean => extension.endpoint === nameOf(endpoint)
  const queries = QUERY_EXTENSIONS.filter(isOurs).map(({ query }) => query)
  const responses = RESPONSE_EXTENSIONS.filter(isOurs).map((extension) => extension.responses)
  return {
    ...endpoint,
    query: Object.assign({}, endpoint.query, ...queries) as Endpoint['query'],
    responses: Object.assign({}, endpoint.responses, ...responses) as Endpoint['responses'],
  }
}

function correctedDefinitions(): Definitions {
  const definitions: Record<string, Schema> = { ...DEFINITIONS }
  for (const correction of [...DEVIATIONS, ...SCHEMA_EXTENSIONS]) {
    const schema = definitions[correction.schema]
    if (schema === undefined)
      throw new Error(`A correction names ${correction.schema}, which is not defined.`)
    definitions[correction.schema] = correct(schema, correction)
  }
  return definitions
}

function correct(schema: Schema, correction: (typeof DEVIATIONS)[number]): Schema {
  const { instead, nullable = [], optional = [], promised = [], properties = {}, cases = [] } = correction
  if (instead !== undefined) return instead
  const corrected = { ...schema.properties, ...properties }
  for (const name of nullable) corrected[name] = { ...corrected[name], nullable: true }
  const required = [...(schema.required ?? []), ...promised].filter((name) => !optional.includes(name))
  return {
    ...schema,
    properties: corrected,
    required: [...new Set(required)],
    ...(cases.length > 0 && { cases: [...(schema.cases ?? []), ...cases] }),
  }
}
