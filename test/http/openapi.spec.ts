import { Rollcall } from '../support/rollcall.js'

interface Schema {
  $ref?: string
  type?: string
  description?: string
  deprecated?: boolean
  example?: unknown
  enum?: unknown[]
  items?: Schema
  allOf?: Schema[]
  properties?: Record<string, Schema>
}
interface Operation {
  operationId?: string
  summary?: string
  tags?: string[]
  security?: Record<string, string[]>[]
  parameters?: { name: string; description?: string }[]
  requestBody?: { content: Record<string, { schema: Schema; examples?: Record<string, { value: unknown }> }> }
  responses: Record<string, { description: string; content?: Record<string, { schema: Schema }> }>
}
interface Document {
  openapi: string
  paths: Record<string, Record<string, Operation>>
  components: { schemas: Record<string, Schema>; securitySchemes: Record<string, unknown> }
}

describe('/openapi.json', () => {
  let rollcall: Rollcall
  let document: Document

  beforeAll(async () => {
    rollcall = await Rollcall.start({ workers: 0 })
    document = (await rollcall.call<Document>('GET', '/openapi.json', { keys: null })).body
  })
  afterAll(() => rollcall.stop())

  const operations = () =>
    Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, operation]) => ({
        name: `${method.toUpperCase()} ${path}`,
        operation,
      })),
    )

  it('names every endpoint', () => {
    expect(
      operations()
        .map(({ name }) => name)
        .sort(),
    ).toEqual([
      'GET /health/live',
      'GET /health/ready',
      'GET /v1/async-actions',
      'GET /v1/async-actions/{asyncActionId}',
      'GET /v1/async-actions/{asyncActionId}/reports/{report}',
      'GET /v1/customers/{customerId}',
      'GET /v1/customers/{customerId}/activities',
      'GET /v1/customers/{customerId}/activity',
      'POST /v1/customers/bulk/async',
      'POST /v1/customers/{customerId}/permanent-deletion',
      'POST /v1/oauth/token',
    ])
  })

  it('says of every endpoint what it is, and how it fails', () => {
    for (const { name, operation } of operations()) {
      expect([name, operation.summary]).toEqual([name, expect.stringMatching(/\w/) as string])
      expect([name, operation.operationId]).toEqual([name, expect.stringMatching(/^[a-z]\w+$/) as string])
      for (const { description } of operation.parameters ?? [])
        expect([name, description]).toEqual([name, expect.any(String) as string])
      for (const [status, response] of Object.entries(operation.responses)) {
        expect([name, status, response.description]).not.toEqual([name, status, ''])
        if (Number(status) >= 400) expect(response.content).toBeDefined()
      }
    }
  })

  it('asks for a token with the right scope, or for both keys', () => {
    expect(document.components.securitySchemes['oauth']).toMatchObject({
      type: 'oauth2',
      flows: { clientCredentials: { tokenUrl: '/v1/oauth/token' } },
    })
    for (const { name, operation } of operations().filter(({ name }) =>
      / \/v1\/(customers|async-actions)(?!.*reports)/.test(name),
    )) {
      const scope = name.includes('customers') ? 'customers' : 'async-actions'
      expect([name, operation.security]).toEqual([
        name,
        expect.arrayContaining([{ oauth: ['api', scope] }, { 'X-App-Id': [], 'X-App-Token': [] }]) as unknown,
      ])
    }
  })

  it('describes every field', () => {
    for (const [name, schema] of Object.entries(document.components.schemas)) {
      for (const [field, property] of Object.entries(schema.properties ?? {})) {
        expect([name, field, property.description]).toEqual([
          name,
          field,
          expect.stringMatching(/\w/) as string,
        ])
      }
    }
  })

  it('marks birthday as deprecated', () => {
    const { properties } = document.components.schemas['BulkUpdateItemDto'] ?? {}
    expect(properties?.['birthday']).toMatchObject({ deprecated: true })
    expect(properties?.['birthdate']).not.toHaveProperty('deprecated')
  })

  it('has an example of a bulk update that works', async () => {
    const body =
      document.paths['/v1/customers/bulk/async']?.['post']?.requestBody?.content['application/json']
    const [example] = Object.values(body?.examples ?? {})
    expect(await rollcall.bulk(example?.value)).toMatch(/^aa_/)
  })

  it('is what Swagger UI at /docs shows', async () => {
    const { text, status } = await rollcall.call('GET', '/docs', { keys: null })
    expect(status).toBe(200)
    expect(text).toMatch(/swagger-ui/)
  })
})
