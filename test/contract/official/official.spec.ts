import { checkAnswer } from './check-answer.js'
import { compareWithOfficial, type Family } from './compare.js'
import { correctedFamily, nameOf } from './corrected.js'
import {
  DEVIATIONS,
  ENDPOINT_EXTENSIONS,
  OMISSIONS,
  QUERY_EXTENSIONS,
  SCHEMA_EXTENSIONS,
} from './corrections.js'
import { DEFINITIONS } from './definitions.js'
import { ENDPOINTS } from './endpoints.js'
import { type OpenApiDocument, type OpenApiSchema } from './openapi.js'
import { type Schema } from './schema.js'

const OFFICIAL: Family = { endpoints: ENDPOINTS, definitions: DEFINITIONS }

/** Our notation as an OpenAPI document, the way official ones are written. */
function render({ endpoints, definitions }: Family): OpenApiDocument {
  const paths: Record<string, Record<string, OpenApiDocument['paths'][string][string]>> = {}
  for (const { method, path, scopes, query, body, responses } of endpoints) {
    paths[path] ??= {}
    paths[path][method] = {
      security: [{ key: [] }, { oauth: scopes }],
      parameters: Object.entries(query).map(([name, schema]) => ({
        name,
        in: 'query',
        schema: renderSchema(schema),
      })),
      ...(body && { requestBody: { content: { [body.type]: { schema: renderSchema(body.schema) } } } }),
      responses: Object.fromEntries(
        Object.entries(responses).map(([status, schema]) => [
          status,
          schema ? { content: { 'application/json': { schema: renderSchema(schema) } } } : {},
        ]),
      ),
    }
  }
  const schemas = Object.entries(definitions).map(([name, schema]) => [name, renderSchema(schema)] as const)
  return { paths, components: { schemas: Object.fromEntries(schemas) } }
}

function renderSchema({
  ref,
  among,
  values,
  free,
  properties,
  items,
  cases: _cases,
  ...rest
}: Schema): OpenApiSchema {
  if (ref !== undefined) return { allOf: [{ $ref: `#/components/schemas/${ref}` }], ...rest }
  if (among) return { oneOf: among.map(renderSchema) }
  return {
    ...rest,
    ...(items && { items: renderSchema(items) }),
    ...(values && { additionalProperties: renderSchema(values) }),
    ...(free && { additionalProperties: true }),
    ...(properties && {
      properties: Object.fromEntries(
        Object.entries(properties).map(([name, one]) => [name, renderSchema(one)]),
      ),
    }),
  }
}

/** Every schema inside a document that can be changed, each with where it is. */
function* schemasIn(value: unknown, at = ''): Generator<[string, Record<string, unknown>]> {
  if (typeof value !== 'object' || value === null) return
  if ('type' in value && typeof value.type === 'string') yield [at, value]
  for (const [name, inner] of Object.entries(value)) yield* schemasIn(inner, `${at}/${name}`)
}

const CHANGES: Record<string, (schema: Record<string, unknown>, place: string) => boolean> = {
  'another type': (schema) => {
    schema['type'] = schema['type'] === 'boolean' ? 'string' : 'boolean'
    return true
  },
  nullability: (schema, place) => {
    // Of a definition that is nullable wherever it is used, it changes nothing.
    if (/^\/components\/schemas\/\w+$/.test(place)) return false
    schema['nullable'] = schema['nullable'] !== true
    return true
  },
  'another format': (schema) => {
    if (schema['type'] !== 'string') return false
    schema['format'] = 'other'
    return true
  },
  'a further value': ({ enum: values }) => Array.isArray(values) && values.push('NEW') > 0,
  'a value less': ({ enum: values }) => Array.isArray(values) && values.shift() !== undefined,
  'another bound': (schema) => {
    if (schema['maximum'] === undefined) return false
    schema['maximum'] = 1_000
    return true
  },
  'a further property': ({ properties }) => {
    if (typeof properties !== 'object') return false
    Object.assign(properties as object, { unheard_of: { type: 'string' } })
    return true
  },
  'a property less': ({ properties }) => {
    const [name] = Object.keys(properties ?? {})
    return name !== undefined && Reflect.deleteProperty(properties as object, name)
  },
  'another requirement': (schema) => {
    const names = Object.keys(schema['properties'] ?? {})
    if (names.length === 0) return false
    const required = schema['required'] as string[]
    schema['required'] = required.length === names.length ? required.slice(1) : names
    return true
  },
}

describe('Comparing with an official document', () => {
  it('finds no difference where there is none', () => {
    expect(compareWithOfficial(OFFICIAL, render(OFFICIAL))).toEqual([])
  })

  it.each(Object.keys(CHANGES))('notices %s, wherever it is', (change) => {
    const pristine = JSON.stringify(render(OFFICIAL))
    const places = [...schemasIn(JSON.parse(pristine))].map(([at]) => at)
    let changed = 0
    for (const place of places) {
      const document = JSON.parse(pristine) as OpenApiDocument
      const [, schema] = [...schemasIn(document)].find(([at]) => at === place) ?? []
      if (schema === undefined || CHANGES[change]?.(schema, place) !== true) continue
      changed++
      expect([place, compareWithOfficial(OFFICIAL, document).length]).not.toEqual([place, 0])
    }
    expect(changed).toBeGreaterThan(0)
  })

  it('notices an endpoint, a status, a parameter and a scope that are gone or new', () => {
    const change = (
      edit: (document: Record<string, Record<string, Record<string, Record<string, unknown>>>>) => void,
    ) => {
      const document = JSON.parse(JSON.stringify(render(OFFICIAL))) as Record<string, never>
      edit(document)
      return compareWithOfficial(OFFICIAL, document as never)
    }
    const actions = '/v1/async-actions'
    expect(change(({ paths }) => delete paths?.[actions])).toEqual([`GET ${actions} is not there`])
    expect(
      change(({ paths }) => Object.assign(paths?.[actions]?.['get']?.['responses'] as object, { 418: {} })),
    ).toEqual([`GET ${actions} has an unlisted status 418`])
    expect(change(({ paths }) => (paths?.[actions]?.['get']?.['parameters'] as unknown[]).shift())).toEqual([
      `GET ${actions} lacks query parameter limit`,
    ])
    expect(
      change(({ paths }) => Object.assign(paths?.[actions]?.['get'] as object, { security: [] })),
    ).toEqual([`GET ${actions} lacks scope api`, `GET ${actions} lacks scope async-actions`])
  })
})

describe('Corrections', () => {
  const all = [...DEVIATIONS, ...SCHEMA_EXTENSIONS]

  it('correct only what there is, and say why', () => {
    for (const { schema, nullable = [], optional = [], promised = [], why } of all) {
      const names = Object.keys(correctedFamily().definitions[schema]?.properties ?? {})
      expect(names).toEqual(expect.arrayContaining([...nullable, ...optional, ...promised]))
      expect(why).toMatch(/\w/)
    }
    for (const { schema, properties } of OMISSIONS) {
      expect(Object.keys(DEFINITIONS[schema]?.properties ?? {})).toEqual(
        expect.arrayContaining([...properties]),
      )
      const required = DEFINITIONS[schema]?.required ?? []
      expect(properties.filter((name) => required.includes(name))).toEqual([])
    }
  })

  it('extend only official endpoints, and add only others', () => {
    const official = ENDPOINTS.map(nameOf)
    for (const { endpoint } of QUERY_EXTENSIONS) expect(official).toContain(endpoint)
    for (const { endpoint } of ENDPOINT_EXTENSIONS) expect(official).not.toContain(endpoint)
  })
})

describe('Checking answers', () => {
  const CUSTOMER = {
    id: 'cust_1',
    address: { city: null },
    summary: null,
    loyalty: null,
    referrals: null,
    metadata: { anything: [null] },
    system_metadata: {},
    created_at: '2026-11-23T10:00:00.123456Z',
    object: 'customer',
  }
  const ACTION = {
    id: 'aa_1',
    type: 'CUSTOMERS.BULK_UPDATE',
    status: 'ENQUEUED',
    operation_status: 'UNKNOWN',
    created_at: '2026-11-23T10:00:00.123Z',
    updated_at: '2026-11-23T10:00:00.123Z',
    request_id: 'v-1',
    progress: 0,
    object: 'async_action',
  }
  const check =
    (call: string, status: number, body: unknown, contentType: string | null = 'application/json') =>
    () => {
      const [method = '', path = ''] = call.split(' ')
      const text = typeof body === 'string' ? body : JSON.stringify(body)
      checkAnswer({ method, path, status, contentType, text })
    }

  it.each<[string, string, number, unknown]>([
    ['a customer', 'GET /v1/customers/a%2Fb', 200, CUSTOMER],
    ['an error', 'GET /v1/customers/x?y=z', 404, { code: 404, message: 'm', request_id: 'v-1' }],
    ['an error of a path that is not there', 'GET /v1/nowhere', 404, { code: 404, message: 'm' }],
    ['an action that waits', 'GET /v1/async-actions/aa_1', 200, ACTION],
    ['an inactive token', 'POST /v1/oauth/introspect', 200, { active: false }],
    ['a deletion', 'DELETE /v1/customers/x', 204, ''],
    [
      'a 413 in its own shape',
      'POST /v1/customers/importCSV',
      413,
      { statusCode: 413, error: 'e', message: 'm' },
    ],
    ['anything outside of /v1', 'GET /health/live', 200, 'whatever'],
  ])('lets %s pass', (_, call, status, body) => {
    expect(check(call, status, body)).not.toThrow()
  })

  it.each<[string, string, number, unknown, RegExp]>([
    [
      'an unlisted property',
      'GET /v1/customers/x',
      200,
      { ...CUSTOMER, more: 1 },
      /the body has an unlisted property more/,
    ],
    [
      'one deep inside',
      'GET /v1/customers/x',
      200,
      { ...CUSTOMER, address: { street: '' } },
      /\/address has an unlisted property street/,
    ],
    [
      'a missing property',
      'GET /v1/customers/x',
      200,
      { ...CUSTOMER, object: undefined },
      /required property 'object'/,
    ],
    [
      'a null where none may be',
      'GET /v1/customers/x',
      200,
      { ...CUSTOMER, name: null },
      /\/name must be string/,
    ],
    [
      'a value that is not listed',
      'GET /v1/async-actions/aa_1',
      200,
      { ...ACTION, status: 'ACCEPTED' },
      /\/status must be equal to one of.*: ENQUEUED/,
    ],
    [
      'a time that is none',
      'GET /v1/customers/x',
      200,
      { ...CUSTOMER, created_at: 'now' },
      /\/created_at must match format "date-time"/,
    ],
    [
      'the result of another type',
      'GET /v1/async-actions/aa_1',
      200,
      { ...ACTION, result: { message: '', done_count: 0 } },
      /\/result/,
    ],
    [
      'an active token without its fields',
      'POST /v1/oauth/introspect',
      200,
      { active: true },
      /required property 'access_token'/,
    ],
    [
      'a status that the call does not have',
      'POST /v1/customers',
      201,
      CUSTOMER,
      /POST \/v1\/customers has no such status/,
    ],
    ['success where there is no endpoint', 'GET /v1/nowhere', 200, {}, /there is no such endpoint/],
    ['a body where none may be', 'DELETE /v1/customers/x', 204, '{}', /must be empty/],
    ['an error that is no JSON', 'GET /v1/customers/x', 404, 'sorry', /the body is not JSON/],
    [
      'a 413 in the common shape',
      'POST /v1/customers/bulk/async',
      413,
      { code: 413, message: 'm' },
      /required property 'statusCode'/,
    ],
  ])('refuses %s', (_, call, status, body, message) => {
    expect(check(call, status, body)).toThrow(message)
  })

  it('refuses another content type', () => {
    expect(check('GET /v1/customers/x', 404, { code: 404, message: 'm' }, 'text/html')).toThrow(
      /content type is text\/html/,
    )
  })
})
