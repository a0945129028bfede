import { once } from 'node:events'
import { get, type IncomingMessage } from 'node:http'
import { json } from 'node:stream/consumers'
import { type ProjectKeys } from '../../src/projects/index.js'
import { Rollcall } from '../support/rollcall.js'

const FORM = { 'content-type': 'application/x-www-form-urlencoded' }
const GRANT = 'grant_type=client_credentials&scope=api'
const ENDPOINTS = ['/v1/oauth/token', '/v1/oauth/introspect', '/v1/oauth/token/revoke']

interface Token {
  access_token: string
  expires_at: number
  expires_in: number
  scope: string
}

let rollcall: Rollcall
let other: ProjectKeys & { projectId: string }

beforeAll(async () => {
  rollcall = await Rollcall.start({ workers: 0 })
  other = await rollcall.projects.create('other')
})
afterAll(() => rollcall.stop())

const post = <Body = Record<string, unknown>>(
  path: string,
  body: string | Uint8Array,
  {
    keys = rollcall.keys,
    headers = {},
  }: { keys?: ProjectKeys | null; headers?: Record<string, string> } = {},
) => rollcall.call<Body>('POST', path, { keys, headers: { ...FORM, ...headers }, body })

const issue = async (scope = 'api', keys: ProjectKeys = rollcall.keys): Promise<Token> => {
  const { status, body } = await post<Token>(
    '/v1/oauth/token',
    `grant_type=client_credentials&scope=${scope}`,
    { keys },
  )
  expect(status).toBe(200)
  return body
}
const introspect = (form: string, keys: ProjectKeys = rollcall.keys) =>
  post<Token & { exp: number; iat: number; active: boolean }>('/v1/oauth/introspect', form, { keys })
const revoke = (form: string, keys: ProjectKeys = rollcall.keys) =>
  post('/v1/oauth/token/revoke', form, { keys })
const use = async (token: string) =>
  (
    await rollcall.call('GET', '/v1/async-actions', {
      keys: null,
      headers: { authorization: `Bearer ${token}` },
    })
  ).status
const basic = (appId: string, appToken: string) => ({
  authorization: `Basic ${Buffer.from(`${encodeURIComponent(appId)}:${encodeURIComponent(appToken)}`).toString('base64')}`,
})
/** A key of its own in the project, by the side of the first. */
const addKey = async (appId: string): Promise<ProjectKeys> => {
  await rollcall.query(
    `INSERT INTO api_keys (app_id, project_id, token_hash) VALUES ($1, $2, sha256(convert_to('secret', 'UTF8')))`,
    [appId, rollcall.keys.projectId],
  )
  return { appId, appToken: 'secret' }
}

describe.each(ENDPOINTS)('POST %s', (path) => {
  const form = path === '/v1/oauth/token' ? GRANT : 'access_token=x'

  it('admits a client by its two headers, and by HTTP Basic', async () => {
    const { appId, appToken } = rollcall.keys
    expect((await post(path, form)).status).not.toBe(401)
    expect((await post(path, form, { keys: null, headers: basic(appId, appToken) })).status).not.toBe(401)
  })

  it.each<[string, Record<string, string>]>([
    ['no client', {}],
    ['an id alone', { 'x-app-id': 'some-app' }],
    ['a wrong secret', { 'x-app-id': 'some-app', 'x-app-token': 'wrong' }],
    ['an access token', { authorization: 'Bearer abc' }],
    ['a wrong secret by Basic', basic('some-app', 'wrong')],
    ['Basic that is not base64', { authorization: 'Basic ???' }],
    ['Basic without a colon', { authorization: `Basic ${Buffer.from('nothing').toString('base64')}` }],
    ['Basic with a broken escape', { authorization: `Basic ${Buffer.from('a%zz:b').toString('base64')}` }],
    ['Basic with NUL', { authorization: `Basic ${Buffer.from('a%00:b').toString('base64')}` }],
  ])('answers %s with 401 and a challenge', async (_, headers) => {
    const answer = await post(path, form, { keys: null, headers })
    expect(answer.status).toBe(401)
    expect(answer.headers.get('www-authenticate')).toBe('Basic realm="rollcall"')
    expect(answer.body).toMatchObject({
      code: 401,
      key: 'unauthorized',
      message: 'Unauthorized',
      error: 'invalid_client',
      error_description: expect.stringMatching(/X-App-Id/) as string,
    })
  })

  it('takes no secret from the form', async () => {
    const { appId, appToken } = rollcall.keys
    const inForm = `${form}&client_id=${appId}&client_secret=${appToken}`
    expect((await post(path, inForm, { keys: null })).status).toBe(401)
  })

  it('authenticates before it looks at the body', async () => {
    for (const body of ['', 'x'.repeat(100_000), '%%%', 'a=1&a=2']) {
      expect((await post(path, body, { keys: null })).status).toBe(401)
    }
  })

  it.each<[string, string | Uint8Array, Record<string, string>, number, string]>([
    ['no parameters', '', {}, 400, 'missing_parameters'],
    [
      'JSON',
      JSON.stringify({ scope: 'api' }),
      { 'content-type': 'application/json' },
      400,
      'missing_parameters',
    ],
    ['no content type', 'x', { 'content-type': '' }, 400, 'missing_parameters'],
    [
      'array-like parameters',
      'grant_type[]=client_credentials&scope[0]=api&access_token[]=x',
      {},
      400,
      'missing_parameters',
    ],
    ['names of the prototype', '__proto__=x&constructor=y&hasOwnProperty=z', {}, 400, 'missing_parameters'],
    ['empty parameters', 'grant_type=&scope=&access_token=&token=', {}, 400, 'missing_parameters'],
    ['a parameter twice', `${form}&extra=1&extra=2`, {}, 400, 'invalid_payload'],
    ['too many parameters', `${form}&`.repeat(60), {}, 400, 'invalid_payload'],
    [
      'another charset',
      form,
      { 'content-type': `${FORM['content-type']}; charset=utf-16` },
      415,
      'unsupported_media_type',
    ],
    ['compression', form, { 'content-encoding': 'gzip' }, 415, 'unsupported_media_type'],
  ])('answers %s with a clean error', async (_, body, headers, status, key) => {
    const answer = await post(path, body, { headers })
    expect([answer.status, answer.body['key']]).toEqual([status, key])
    if (status === 400) expect(answer.body).toMatchObject({ code: 400, error: 'invalid_request' })
    expect(answer.headers.get('cache-control')).toBe('no-store')
  })

  it('answers a form of more than 16,384 bytes with 413', async () => {
    const answer = await post(path, `${form}&pad=${'x'.repeat(16_384)}`)
    expect(answer.status).toBe(413)
    expect(answer.body).toEqual({
      statusCode: 413,
      error: 'Request Entity Too Large',
      message: 'Payload content length greater than maximum allowed: 16384',
    })
  })

  it('ignores parameters that it does not know', async () => {
    expect([200, 404]).toContain((await post(path, `${form}&resource=x&foo[bar]=1`)).status)
  })

  it('lets nobody store its answers', async () => {
    for (const keys of [rollcall.keys, null]) {
      const { headers } = await post(path, form, { keys })
      expect(headers.get('cache-control')).toBe('no-store')
    }
  })
})

describe('Issuing a token', () => {
  it('gives one for 900 seconds, with the scopes that were asked for', async () => {
    const { body } = await post<Token>('/v1/oauth/token', 'grant_type=client_credentials&scope=api+customers')
    expect(body).toEqual({
      access_token: expect.stringMatching(/^[0-9A-Za-z]{50}$/) as string,
      client_id: rollcall.keys.appId,
      expires_at: expect.any(Number) as number,
      expires_in: 900,
      scope: 'api customers',
      token_type: 'Bearer',
    })
    expect(Math.abs(body.expires_at - Date.now() / 1000 - 900)).toBeLessThan(30)
  })

  it.each([
    ['grant_type=client_credentials', 'missing_parameters', 'Missing parameters', 'invalid_request'],
    ['scope=api', 'missing_parameters', 'Missing parameters', 'invalid_request'],
    ['grant_type=client_credentials&scope=++', 'missing_parameters', 'Missing parameters', 'invalid_request'],
    [
      'grant_type=client_credentials&scope=api&scope=customers',
      'invalid_payload',
      'Invalid payload',
      'invalid_request',
    ],
    ['grant_type=password&scope=api', 'invalid_grant_type', 'Invalid grant_type', 'unsupported_grant_type'],
    [
      'grant_type=client_credentials&scope=vouchers+api+campaigns',
      'invalid_scope',
      'Invalid scope: vouchers,campaigns',
      'invalid_scope',
    ],
    [
      'grant_type=client_credentials&scope=api,customers',
      'invalid_scope',
      'Invalid scope: api,customers',
      'invalid_scope',
    ],
  ])('refuses %s as %s', async (form, key, message, error) => {
    const { status, body } = await post('/v1/oauth/token', form)
    expect(status).toBe(400)
    expect(body).toMatchObject({ code: 400, key, message, error })
    expect((body as { details: string }).details).toMatch(/\bsend|must be sent\b/i)
  })

  it('describes errors to OAuth libraries in the characters that they may have', async () => {
    const { body } = await post('/v1/oauth/token', 'grant_type=client_credentials&scope=%22k%C3%A4se%5C%22')
    expect(body).toMatchObject({
      message: 'Invalid scope: "käse\\"',
      error_description: expect.stringMatching(/^There is no scope \?k\?se\?\?; send one or more/) as string,
    })
  })

  it('keeps no token and no secret in readable form', async () => {
    const { access_token: token } = await issue()
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

describe('The limit of 1,000 live tokens of a project', () => {
  const seed = (projectId: string, appId: string, count: number, expires: string) =>
    rollcall.query(
      `INSERT INTO access_tokens (token_hash, project_id, app_id, scope, expires_at)
       SELECT sha256(convert_to(gen_random_uuid()::text, 'UTF8')), $1, $2, 'api', ${expires}
       FROM generate_series(1, $3::integer)`,
      [projectId, appId, count],
    )
  const countOf = async (projectId: string) => {
    const [row] = await rollcall.query<{ count: number }>(
      'SELECT count(*)::integer AS count FROM access_tokens WHERE project_id = $1',
      [projectId],
    )
    return row?.count
  }

  it('is exact however many are asked for at once, and does not count what has ended', async () => {
    const full = await rollcall.projects.create('full')
    await seed(full.projectId, full.appId, 990, `clock_timestamp() + interval '10 minutes'`)
    await seed(full.projectId, full.appId, 500, `clock_timestamp()`)
    const answers = await Promise.all(
      Array.from({ length: 30 }, () => post('/v1/oauth/token', GRANT, { keys: full })),
    )
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(10)
    const refused = answers.filter(({ status }) => status === 429)
    expect(refused).toHaveLength(20)
    for (const { headers, body } of refused) {
      expect(body).toMatchObject({ code: 429, key: 'too_many_requests' })
      expect(Number(headers.get('retry-after'))).toBeGreaterThan(500)
      expect(Number(headers.get('retry-after'))).toBeLessThanOrEqual(600)
    }
    expect(await countOf(full.projectId)).toBe(1_000)
    expect((await post('/v1/oauth/token', GRANT, { keys: other })).status).toBe(200)
  })

  it('has room again as soon as one is revoked', async () => {
    const full = await rollcall.projects.create('full')
    const { access_token: mine } = await issue('api', full)
    await seed(full.projectId, full.appId, 999, `clock_timestamp() + interval '10 minutes'`)
    expect((await post('/v1/oauth/token', GRANT, { keys: full })).status).toBe(429)
    expect((await revoke(`access_token=${mine}`, full)).status).toBe(204)
    expect((await post('/v1/oauth/token', GRANT, { keys: full })).status).toBe(200)
    expect((await post('/v1/oauth/token', GRANT, { keys: full })).status).toBe(429)
  })

  it('does not count tokens that died with their key', async () => {
    const dead = await addKey('dead-key')
    await seed(rollcall.keys.projectId, dead.appId, 1_000, `clock_timestamp() + interval '10 minutes'`)
    await rollcall.query('UPDATE api_keys SET revoked_at = clock_timestamp() WHERE app_id = $1', [dead.appId])
    expect((await post('/v1/oauth/token', GRANT)).status).toBe(200)
  })
})

describe('Introspecting a token', () => {
  it.each(['access_token', 'token'])(
    'tells of a live one, sent as %s, what it was issued with',
    async (name) => {
      const token = await issue('customers+async-actions')
      const { status, body } = await introspect(`${name}=${token.access_token}&token_type_hint=refresh_token`)
      expect(status).toBe(200)
      expect(body).toEqual({
        ...token,
        expires_in: expect.any(Number) as number,
        active: true,
        exp: token.expires_at,
        iat: token.expires_at - 900,
      })
      expect(body.expires_in).toBeGreaterThan(890)
      expect(body.expires_in).toBeLessThanOrEqual(900)
    },
  )

  it('counts down what is left', async () => {
    const { access_token: token } = await issue()
    await rollcall.query(
      `UPDATE access_tokens SET expires_at = expires_at - interval '345 seconds'
       WHERE token_hash = sha256(convert_to($1, 'UTF8'))`,
      [token],
    )
    const { body } = await introspect(`access_token=${token}`)
    expect(body.expires_in).toBeGreaterThan(545)
    expect(body.expires_in).toBeLessThanOrEqual(555)
  })

  it('says of any other nothing but that it is not active', async () => {
    const ended = (await issue()).access_token
    await rollcall.query(
      `UPDATE access_tokens SET expires_at = clock_timestamp() WHERE token_hash = sha256(convert_to($1, 'UTF8'))`,
      [ended],
    )
    const revoked = (await issue()).access_token
    await revoke(`access_token=${revoked}`)
    const foreign = (await issue('api', other)).access_token
    const key = await addKey('revoked-key')
    const ofRevokedKey = (await issue('api', key)).access_token
    await rollcall.query('UPDATE api_keys SET revoked_at = clock_timestamp() WHERE app_id = $1', [key.appId])
    for (const token of [ended, revoked, foreign, ofRevokedKey, 'unknown', '%00', 'a'.repeat(16_000)]) {
      const { status, text } = await introspect(`access_token=${token}`)
      expect([status, text]).toEqual([200, '{"active":false}'])
    }
  })

  it('refuses a request that names two tokens', async () => {
    const { status, body } = await introspect('access_token=one&token=other')
    expect(status).toBe(400)
    expect(body).toMatchObject({ key: 'invalid_payload', error: 'invalid_request' })
  })
})

describe('Revoking a token', () => {
  it('ends it at once where it is revoked, though it was in use', async () => {
    const { access_token: token } = await issue()
    expect(await use(token)).toBe(200)
    const answer = await revoke(`access_token=${token}`)
    expect([answer.status, answer.text]).toEqual([204, ''])
    expect(await use(token)).toBe(401)
  })

  it('answers 204 once and then 404 without a body, however many ask at the same time', async () => {
    const { access_token: token } = await issue()
    const answers = await Promise.all(Array.from({ length: 10 }, () => revoke(`access_token=${token}`)))
    expect(answers.map(({ status }) => status).sort()).toEqual([204, ...Array<number>(9).fill(404)])
    for (const { text } of answers) expect(text).toBe('')
  })

  it('answers 404 without a body for what is not live', async () => {
    const { access_token: ended } = await issue()
    await rollcall.query(
      `UPDATE access_tokens SET expires_at = clock_timestamp() WHERE token_hash = sha256(convert_to($1, 'UTF8'))`,
      [ended],
    )
    for (const token of ['unknown', ended, '%00%ff']) {
      const answer = await revoke(`access_token=${token}`)
      expect([answer.status, answer.text]).toEqual([404, ''])
    }
  })

  it('answers 200 without a body in any case when the token has its standard name', async () => {
    const { access_token: token } = await issue()
    for (const sent of [token, token, 'unknown']) {
      const answer = await revoke(`token=${sent}&token_type_hint=access_token`)
      expect([answer.status, answer.text]).toEqual([200, ''])
    }
    expect(await use(token)).toBe(401)
  })

  it("takes another project's token for an unknown one and leaves it alone", async () => {
    const { access_token: token } = await issue('api', other)
    expect((await revoke(`access_token=${token}`)).status).toBe(404)
    expect((await revoke(`token=${token}`)).status).toBe(200)
    expect(await use(token)).toBe(200)
  })

  it('lets any key of the project do it', async () => {
    const key = await addKey('second-key')
    const { access_token: token } = await issue()
    expect((await revoke(`access_token=${token}`, key)).status).toBe(204)
  })
})

describe('What OAuth libraries find out by themselves', () => {
  const read = (path: string) => rollcall.call('GET', path, { keys: null })

  it('is where tokens are got, asked about and ended', async () => {
    const { status, body } = await read('/.well-known/oauth-authorization-server')
    expect(status).toBe(200)
    const method = ['client_secret_basic']
    expect(body).toEqual({
      issuer: rollcall.base,
      token_endpoint: `${rollcall.base}/v1/oauth/token`,
      introspection_endpoint: `${rollcall.base}/v1/oauth/introspect`,
      revocation_endpoint: `${rollcall.base}/v1/oauth/token/revoke`,
      scopes_supported: ['api', 'customers', 'async-actions'],
      response_types_supported: [],
      grant_types_supported: ['client_credentials'],
      token_endpoint_auth_methods_supported: method,
      introspection_endpoint_auth_methods_supported: method,
      revocation_endpoint_auth_methods_supported: method,
      service_documentation: `${rollcall.base}/docs`,
    })
  })

  it('never follows the Host header', async () => {
    const request = get(`${rollcall.base}/.well-known/oauth-authorization-server`, {
      headers: { host: 'evil.example', 'x-forwarded-host': 'evil.example' },
    })
    const [response] = (await once(request, 'response')) as [IncomingMessage]
    expect(await json(response)).toMatchObject({ issuer: rollcall.base })
  })

  it('is whose tokens are taken', async () => {
    const { body } = await read('/.well-known/oauth-protected-resource')
    expect(body).toEqual({
      resource: rollcall.base,
      authorization_servers: [rollcall.base],
      scopes_supported: ['api', 'customers', 'async-actions'],
      bearer_methods_supported: ['header'],
      resource_documentation: `${rollcall.base}/docs`,
    })
  })
})
