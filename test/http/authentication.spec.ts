import { once } from 'node:events'
import { get, type IncomingMessage, type OutgoingHttpHeaders } from 'node:http'
import { Rollcall } from '../support/rollcall.js'

describe('authentication', () => {
  let rollcall: Rollcall

  beforeAll(async () => {
    rollcall = await Rollcall.start({ workers: 0 })
  })
  afterAll(() => rollcall.stop())

  const FORM = { 'content-type': 'application/x-www-form-urlencoded' }
  const tokenFor = async (scope: string) => {
    const { body } = await rollcall.call<{ access_token: string }>('POST', '/v1/oauth/token', {
      headers: FORM,
      body: `grant_type=client_credentials&scope=${scope}`,
    })
    return body.access_token
  }
  const withToken = (token: string, path = '/v1/async-actions', method = 'GET', body?: unknown) =>
    rollcall.call(method, path, { keys: null, headers: { authorization: `Bearer ${token}` }, body })

  describe('every endpoint', () => {
    it.each<[string, Record<string, string>]>([
      ['nothing', {}],
      ['an unknown token', { authorization: 'Bearer nope' }],
      ['a token of two words', { authorization: 'Bearer a b' }],
      ['another scheme', { authorization: 'Digest a' }],
      ['8 KB of junk', { authorization: `Bearer ${'x'.repeat(8_000)}` }],
      ['a token beyond ASCII', { authorization: 'Bearer t\u00f6ken' }],
      ['junk with the look of a JWT', { authorization: 'Bearer e30.e30.e30' }],
      ['a scheme without a token', { authorization: 'Bearer' }],
      ['keys by HTTP Basic', { authorization: 'Basic YTpi' }],
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

    it.each<[RegExp, string, Record<string, string>]>([
      [/^Send X-App-Id and X-App-Token, both, or/, 'nothing', {}],
      [/^Send X-App-Id and X-App-Token, both, or/, 'an id without its secret', { 'x-app-id': 'some-app' }],
      [/^Send X-App-Id and X-App-Token, both, or/, 'keys by HTTP Basic', { authorization: 'Basic YTpi' }],
      [/are not the keys of an application/, 'wrong keys', { 'x-app-id': 'some-app', 'x-app-token': 'nope' }],
      [/^The access token is unknown/, 'an unknown token', { authorization: 'Bearer nope' }],
    ])('says %p to who sends %s', async (said, _, headers) => {
      const { body } = await rollcall.call<{ details: string }>('GET', '/v1/customers', {
        keys: null,
        headers,
      })
      expect(body.details).toMatch(said)
    })

    it('says the same of a wrong id and of a wrong secret', async () => {
      const { appId, appToken } = rollcall.keys
      const told = async (id: string, token: string) => {
        const headers = { 'x-app-id': id, 'x-app-token': token }
        const { body } = await rollcall.call<{ details: string }>('GET', '/v1/customers', {
          keys: null,
          headers,
        })
        return body.details
      }
      expect(await told(appId, 'nope')).toBe(await told('nope', appToken))
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
      expect(answer.body).toMatchObject({ details: expect.stringMatching(/not in the query/) as string })
    })

    it('takes no token from the body', async () => {
      const token = await tokenFor('api')
      for (const [headers, body] of [
        [FORM, `access_token=${token}`],
        [{}, JSON.stringify({ access_token: token })],
      ] as const) {
        const answer = await rollcall.call('POST', '/v1/customers/bulk/async', { keys: null, headers, body })
        expect(answer.status).toBe(401)
      }
    })

    it('refuses two Authorization headers, whichever is good', async () => {
      const token = await tokenFor('api')
      const statusOf = async (...authorization: string[]) => {
        const request = get(`${rollcall.base}/v1/async-actions`, {
          headers: { authorization } as unknown as OutgoingHttpHeaders,
        })
        const [response] = (await once(request, 'response')) as [IncomingMessage]
        response.resume()
        return response.statusCode
      }
      expect(await statusOf(`Bearer ${token}`, 'Bearer nope')).toBe(400)
      expect(await statusOf('Bearer nope', `Bearer ${token}`)).toBe(400)
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
