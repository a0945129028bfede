import { Rollcall } from '../support/rollcall.js'

interface Token {
  access_token: string
  expires_at: number
}

describe('authentication', () => {
  let rollcall: Rollcall

  beforeAll(async () => {
    rollcall = await Rollcall.start({ workers: 0 })
  })
  afterAll(() => rollcall.stop())

  const FORM = { 'content-type': 'application/x-www-form-urlencoded' }
  const requestToken = (
    body: string,
    headers: Record<string, string> = {},
    keys: typeof rollcall.keys | null = rollcall.keys,
  ) =>
    rollcall.call<Token & Record<string, unknown>>('POST', '/v1/oauth/token', {
      keys,
      headers: { ...FORM, ...headers },
      body,
    })
  const tokenFor = async (scope: string) =>
    (await requestToken(`grant_type=client_credentials&scope=${scope}`)).body.access_token
  const withToken = (token: string, path = '/v1/async-actions', method = 'GET', body?: unknown) =>
    rollcall.call(method, path, { keys: null, headers: { authorization: `Bearer ${token}` }, body })
  const basic = (appId: string, appToken: string) => ({
    authorization: `Basic ${Buffer.from(`${encodeURIComponent(appId)}:${encodeURIComponent(appToken)}`).toString('base64')}`,
  })

  describe('POST /v1/oauth/token', () => {
    it('gives the client named by its headers a token for 900 seconds', async () => {
      const { status, body, headers } = await requestToken(
        'grant_type=client_credentials&scope=api+customers',
      )
      expect(status).toBe(200)
      expect(body).toEqual({
        access_token: expect.stringMatching(/^[0-9A-Za-z]{50}$/) as string,
        client_id: rollcall.keys.appId,
        expires_at: expect.any(Number) as number,
        expires_in: 900,
        scope: 'api customers',
        token_type: 'Bearer',
      })
      expect(Math.abs(body.expires_at - Date.now() / 1000 - 900)).toBeLessThan(30)
      expect(headers.get('cache-control')).toBe('no-store')
    })

    it('takes the client by HTTP Basic as well', async () => {
      const { appId, appToken } = rollcall.keys
      const { status } = await requestToken(
        'grant_type=client_credentials&scope=api',
        basic(appId, appToken),
        null,
      )
      expect(status).toBe(200)
    })

    it.each([
      ['grant_type=client_credentials', 'missing_parameters', 'Missing parameters'],
      ['scope=api', 'missing_parameters', 'Missing parameters'],
      ['', 'missing_parameters', 'Missing parameters'],
      ['grant_type=client_credentials&scope=', 'missing_parameters', 'Missing parameters'],
      ['grant_type=password&scope=api', 'invalid_grant_type', 'Invalid grant_type'],
      [
        'grant_type=client_credentials&scope=vouchers+api+campaigns',
        'invalid_scope',
        'Invalid scope: vouchers,campaigns',
      ],
      ['grant_type=client_credentials&scope=api&scope=customers', 'missing_parameters', 'Missing parameters'],
    ])('answers %j with 400 %s', async (form, key, message) => {
      const { status, body } = await requestToken(form)
      expect(status).toBe(400)
      expect(body).toMatchObject({ code: 400, key, message })
    })

    it.each([
      ['no client', {}],
      ['a wrong secret', { 'x-app-token': 'wrong' }],
      ['Basic that is not base64', { authorization: 'Basic ???' }],
      ['Basic without a colon', { authorization: `Basic ${Buffer.from('nothing').toString('base64')}` }],
      ['Basic with a broken escape', { authorization: `Basic ${Buffer.from('a%zz:b').toString('base64')}` }],
    ])('answers %s with 401', async (_, headers) => {
      const given = 'x-app-token' in headers ? { 'x-app-id': rollcall.keys.appId, ...headers } : headers
      const answer = await requestToken('grant_type=client_credentials&scope=api', given, null)
      expect(answer.status).toBe(401)
      expect(answer.headers.get('www-authenticate')).toBe('Basic realm="rollcall"')
    })

    it('answers a form of more than 16 KB with 413', async () => {
      const { status, body } = await requestToken(`grant_type=client_credentials&scope=${'x'.repeat(16_384)}`)
      expect([status, body]).toEqual([
        413,
        {
          statusCode: 413,
          error: 'Request Entity Too Large',
          message: 'Payload content length greater than maximum allowed: 16384',
        },
      ])
    })

    it('keeps no token and no secret in readable form', async () => {
      const token = await tokenFor('api')
      const [tables] = await rollcall.query<{ dump: string }>(
        `SELECT (SELECT string_agg(t::text, ' ') FROM access_tokens t) || (SELECT string_agg(k::text, ' ') FROM api_keys k) AS dump`,
      )
      expect(tables?.dump).toContain(rollcall.keys.appId)
      for (const secret of [token, rollcall.keys.appToken]) {
        expect(tables?.dump).not.toContain(secret)
        expect(tables?.dump).not.toContain(Buffer.from(secret).toString('hex'))
      }
    })
  })

  describe('every endpoint', () => {
    it.each<[string, Record<string, string>]>([
      ['nothing', {}],
      ['an unknown token', { authorization: 'Bearer nope' }],
      ['a token of two words', { authorization: 'Bearer a b' }],
      ['another scheme', { authorization: 'Digest a' }],
      ['8 KB of junk', { authorization: `Bearer ${'x'.repeat(8_000)}` }],
      ['an id without its secret', { 'x-app-id': 'some-app' }],
      ['a wrong secret', { 'x-app-id': 'some-app', 'x-app-token': 'nope' }],
    ])('answers %s with 401 and a challenge, before reading the body', async (_, headers) => {
      const answer = await rollcall.call('POST', '/v1/customers/bulk/async', {
        keys: null,
        headers,
        body: 'not json',
      })
      expect(answer.status).toBe(401)
      expect(answer.body).toMatchObject({ code: 401, key: 'unauthorized', message: 'Unauthorized' })
      expect(answer.headers.get('www-authenticate')).toMatch(/^Bearer realm="rollcall"/)
    })

    it('takes keys, and a token instead', async () => {
      expect((await rollcall.call('GET', '/v1/async-actions')).status).toBe(200)
      expect((await withToken(await tokenFor('api'))).status).toBe(200)
    })

    it('takes a valid token beside wrong keys', async () => {
      const headers = {
        authorization: `Bearer ${await tokenFor('api')}`,
        'x-app-id': 'wrong',
        'x-app-token': 'wrong',
      }
      expect((await rollcall.call('GET', '/v1/async-actions', { keys: null, headers })).status).toBe(200)
    })

    it('takes no token from the query', async () => {
      const token = await tokenFor('api')
      const answer = await rollcall.call('GET', `/v1/async-actions?access_token=${token}`, { keys: null })
      expect(answer.status).toBe(401)
    })

    it('refuses a token that has ended', async () => {
      const token = await tokenFor('api')
      await rollcall.query(`UPDATE access_tokens SET expires_at = clock_timestamp()`)
      const answer = await withToken(token)
      expect(answer.status).toBe(401)
      expect(answer.headers.get('www-authenticate')).toBe('Bearer realm="rollcall", error="invalid_token"')
    })

    it.each([
      ['customers', 'POST', '/v1/customers/bulk/async', 202],
      ['customers', 'GET', '/v1/customers/nobody', 404],
      ['customers', 'GET', '/v1/async-actions', 403],
      ['customers', 'GET', '/v1/async-actions/aa_000000000000000000', 403],
      ['async-actions', 'POST', '/v1/customers/bulk/async', 403],
      ['async-actions', 'GET', '/v1/customers/nobody', 403],
      ['async-actions', 'GET', '/v1/async-actions', 200],
      ['api', 'POST', '/v1/customers/bulk/async', 202],
      ['api', 'GET', '/v1/async-actions', 200],
    ])('answers a token of scope %s on %s %s with %i', async (scope, method, path, status) => {
      const answer = await withToken(await tokenFor(scope), path, method, method === 'POST' ? [] : undefined)
      expect(answer.status).toBe(status)
      if (status !== 403) return
      expect(answer.body).toMatchObject({
        code: 403,
        key: 'missing_required_permission',
        message: 'Missing permission',
      })
      expect(answer.headers.get('www-authenticate')).toMatch('error="insufficient_scope"')
    })

    it('keeps projects apart', async () => {
      const other = await rollcall.projects.create('other')
      const id = await rollcall.bulk([{ source_id: 'mine' }])
      const foreign = await rollcall.call('GET', `/v1/async-actions/${id}`, { keys: other })
      const absent = await rollcall.call('GET', '/v1/async-actions/aa_000000000000000000', { keys: other })
      expect(foreign.status).toBe(404)
      expect({ ...foreign.body, request_id: '', details: '', resource_id: '' }).toEqual({
        ...absent.body,
        request_id: '',
        details: '',
        resource_id: '',
      })
    })
  })
})
