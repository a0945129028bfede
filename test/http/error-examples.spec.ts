import { type CallOptions, Rollcall } from '../support/rollcall.js'

interface ErrorResponse {
  content?: Partial<Record<string, { examples?: Record<string, { value: Record<string, unknown> }> }>>
}
type Case = [string, number, string, string, CallOptions & { query?: string; id?: string }]
interface Document {
  paths: Record<string, Record<string, { responses: Record<number, ErrorResponse | undefined> }>>
}

describe('the examples of errors in /openapi.json', () => {
  let rollcall: Rollcall
  let paths: Document['paths']

  beforeAll(async () => {
    rollcall = await Rollcall.start({ workers: 0, env: { MAX_OPEN_ACTIONS: '1' } })
    paths = (await rollcall.call<Document>('GET', '/openapi.json', { keys: null })).body.paths
  })
  afterAll(() => rollcall.stop())

  const BULK = '/v1/customers/bulk/async'
  const examplesOf = (method: string, path: string, status: number) =>
    Object.values(
      paths[path]?.[method.toLowerCase()]?.responses[status]?.content?.['application/json']?.examples ?? {},
    ).map(({ value }) => value)

  it('have the status that they stand under', () => {
    const shown = Object.values(paths)
      .flatMap((methods) => Object.values(methods))
      .flatMap(({ responses }) => Object.entries(responses))
      .filter(([status]) => Number(status) >= 400)
      .flatMap(([status, response]) =>
        Object.values(response?.content?.['application/json']?.examples ?? {}).map(
          ({ value }) => [Number(status), value] as const,
        ),
      )
    expect(new Set(shown.map(([status]) => status))).toEqual(
      new Set([400, 401, 403, 404, 406, 408, 409, 413, 415, 422, 429, 431, 503]),
    )
    for (const [status, value] of shown)
      expect([status, value['code'] ?? value['statusCode']]).toEqual([status, status])
  })

  it.each<Case>([
    [
      'a wrong payload',
      400,
      'POST',
      BULK,
      { body: [{ source_id: 'a' }, { source_id: 'b' }, { source_id: 'c' }, {}] },
    ],
    ['a wrong query', 400, 'GET', '/v1/async-actions', { query: '?limit=101' }],
    ['no credentials', 401, 'POST', BULK, { keys: null, body: [] }],
    ['an unknown customer', 404, 'GET', '/v1/customers/{customerId}', { id: 'nobody@example.com' }],
    ['an unknown action', 404, 'GET', '/v1/async-actions/{asyncActionId}', { id: 'aa_000000000000000000' }],
    ['a large payload', 413, 'POST', BULK, { body: new Uint8Array(10_485_761) }],
    ['another type', 415, 'POST', BULK, { headers: { 'content-type': 'text/csv' }, body: 'a,b' }],
  ])('are what is really sent: %s', async (_, status, method, path, { query = '', id = '', ...options }) => {
    const { body, status: sent } = await rollcall.call(method, path.replace(/\{.*\}/, id) + query, options)
    expect(sent).toBe(status)
    expect(examplesOf(method, path, status).map(comparable)).toContainEqual(comparable(body))
  })

  it('are what is really sent: a token without the scope', async () => {
    const { appId, appToken } = rollcall.keys
    const token = await rollcall.call<{ access_token: string }>('POST', '/v1/oauth/token', {
      headers: {
        'x-app-id': appId,
        'x-app-token': appToken,
        'content-type': 'application/x-www-form-urlencoded',
      },
      body: 'grant_type=client_credentials&scope=async-actions',
    })
    const headers = { authorization: `Bearer ${token.body.access_token}` }
    const { body } = await rollcall.call('POST', BULK, { keys: null, headers, body: [] })
    expect(examplesOf('POST', BULK, 403).map(comparable)).toContainEqual(comparable(body))
  })

  it('are what is really sent: too many open actions', async () => {
    await rollcall.bulk([{ source_id: 'a' }])
    const { body } = await rollcall.call('POST', BULK, { body: [{ source_id: 'a' }] })
    const withOurLimit = JSON.stringify(examplesOf('POST', BULK, 429).map(comparable)).replace('1000', '1')
    expect(JSON.parse(withOurLimit)).toContainEqual(comparable(body))
  })

  /** Everything but the id of the request, which is there in both or in neither. */
  function comparable({ request_id: requestId, ...rest }: Record<string, unknown>): object {
    return { ...rest, hasRequestId: requestId !== undefined }
  }
})
