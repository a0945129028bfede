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
  responses: Record<
    string,
    { description: string; content?: Record<string, { schema: Schema }>; headers?: Record<string, unknown> }
  >
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
      'DELETE /v1/customers/{customerId}',
      'GET /.well-known/oauth-authorization-server',
      'GET /.well-known/oauth-protected-resource',
      'GET /health/live',
      'GET /health/ready',
      'GET /v1/async-actions',
      'GET /v1/async-actions/{asyncActionId}',
      'GET /v1/async-actions/{asyncActionId}/reports/{report}',
      'GET /v1/customers',
      'GET /v1/customers/{customerId}',
      'GET /v1/customers/{customerId}/activities',
      'GET /v1/customers/{customerId}/activity',
      'POST /v1/customers',
      'POST /v1/customers/bulk/async',
      'POST /v1/customers/importCSV',
      'POST /v1/customers/metadata/async',
      'POST /v1/customers/{customerId}/permanent-deletion',
      'POST /v1/oauth/introspect',
      'POST /v1/oauth/token',
      'POST /v1/oauth/token/revoke',
      'PUT /v1/customers/{customerId}',
    ])
  })

  it('is shown by files that refuse what they cannot give as everything else does', async () => {
    const headers = { range: 'bytes=999999999-' }
    const { status, body } = await rollcall.call('GET', '/docs/swagger-ui.css', { keys: null, headers })
    expect(status).toBe(416)
    expect(body).toMatchObject({ code: 416, key: 'invalid_request', details: 'Range Not Satisfiable' })
  })

  it.each(['GET', 'HEAD'])('is shown with files that may be missing: 404, not 405 (%s)', async (method) => {
    const { status, headers } = await rollcall.call(method, '/docs/LICENSE', { keys: null })
    expect([status, headers.get('allow')]).toEqual([404, null])
  })

  it('says of every endpoint what it is, and how it fails', () => {
    for (const { name, operation } of operations()) {
      expect([name, operation.summary]).toEqual([name, expect.stringMatching(/\w/) as string])
      expect([name, operation.operationId]).toEqual([name, expect.stringMatching(/^[a-z]\w+$/) as string])
      for (const { description } of operation.parameters ?? [])
        expect([name, description]).toEqual([name, expect.any(String) as string])
      for (const [status, response] of Object.entries(operation.responses)) {
        expect([name, status, response.description]).not.toEqual([name, status, ''])
        // The contract has one error without a body.
        const empty = name === 'POST /v1/oauth/token/revoke' && status === '404'
        if (Number(status) >= 400 && !empty) expect(response.content).toBeDefined()
      }
    }
  })

  it('says of every endpoint of a project how its rate limit is told', () => {
    const limited = operations().filter(({ operation }) => '403' in operation.responses)
    expect(limited.length).toBeGreaterThan(3)
    for (const { name, operation } of limited) {
      expect([name, Object.keys(operation.responses['429']?.headers ?? {})]).toEqual([
        name,
        [
          'Retry-After',
          'X-Rate-Limit-Limit',
          'X-Rate-Limit-Remaining',
          'X-Rate-Limit-Retry',
          'X-Rate-Limit-Type',
        ],
      ])
    }
  })

  it('tells extensions of the list of actions from what is compatible', () => {
    const parameters = document.paths['/v1/async-actions']?.['get']?.parameters ?? []
    const extensions = parameters.filter(({ description }) => description?.startsWith('Extension: '))
    expect(extensions.map(({ name }) => name).sort()).toEqual([
      'async_action_id',
      'starting_after_id',
      'status',
      'type',
    ])
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

  it('takes forms at the OAuth endpoints, from clients that send their keys', () => {
    const oauth = operations().filter(({ name }) => name.includes('/v1/oauth/'))
    expect(oauth).toHaveLength(3)
    for (const { name, operation } of oauth) {
      expect([name, Object.keys(operation.requestBody?.content ?? {})]).toEqual([
        name,
        ['application/x-www-form-urlencoded'],
      ])
      expect([name, operation.security]).toEqual([
        name,
        expect.arrayContaining([{ basic: [] }, { 'X-App-Id': [], 'X-App-Token': [] }]) as unknown,
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

  it('has an example of a metadata update that works', async () => {
    const path = '/v1/customers/metadata/async'
    const content = document.paths[path]?.['post']?.requestBody?.content['application/json']
    const [example] = Object.values(content?.examples ?? {})
    expect((await rollcall.call('POST', path, { body: example?.value })).status).toBe(202)
  })

  it('lets Swagger UI choose a file to import', () => {
    const body = document.paths['/v1/customers/importCSV']?.['post']?.requestBody
    expect(body?.content).toEqual({
      'multipart/form-data': { schema: { $ref: '#/components/schemas/ImportCsvDto' } },
    })
    expect(document.components.schemas['ImportCsvDto']?.properties?.['file']).toMatchObject({
      type: 'string',
      format: 'binary',
    })
  })

  it('is what Swagger UI at /docs shows', async () => {
    const { text, status } = await rollcall.call('GET', '/docs', { keys: null })
    expect(status).toBe(200)
    expect(text).toMatch(/swagger-ui/)
  })
})
