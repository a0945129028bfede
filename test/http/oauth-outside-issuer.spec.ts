import { createHmac, randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type RequestListener, type Server } from 'node:http'
import { type AddressInfo } from 'node:net'
import { type JWTPayload } from 'jose'
import {
  AuthorizationServer,
  newSigningKey,
  publishedKeys,
  signToken,
} from '../support/authorization-server.js'
import { eventually, Rollcall } from '../support/rollcall.js'

const AUDIENCE = 'https://rollcall.example.com'
const LIST = '/v1/async-actions'
const MISSING_PERMISSION = { code: 403, key: 'missing_required_permission', message: 'Missing permission' }

const key = newSigningKey('first')
const ecKey = newSigningKey('second', 'ES256')

let rollcall: Rollcall
let server: AuthorizationServer
let base: string

beforeAll(async () => {
  rollcall = await Rollcall.start({ workers: 0 })
  server = await AuthorizationServer.start({
    audience: AUDIENCE,
    keys: [key, ecKey],
    clients: {
      ours: { rollcall_project: rollcall.keys.projectId },
      stranger: { rollcall_project: randomUUID() },
      nobody: {},
      confused: { rollcall_project: 'test' },
    },
  })
  base = await rollcall.startAnotherApi({ OAUTH_ISSUER: server.issuer, OAUTH_AUDIENCE: AUDIENCE })
})
afterAll(async () => {
  await rollcall.stop()
  await server.stop()
  for (const listening of listeners) {
    listening.close()
    listening.closeAllConnections()
  }
})

const call = async (token: string, at = base, path = LIST) => {
  const response = await fetch(at + path, { headers: { authorization: `Bearer ${token}` } })
  const body = (await response.json()) as Record<string, unknown>
  return { status: response.status, headers: response.headers, body }
}
const statusOf = async (token: string, at = base) => (await call(token, at)).status
const now = () => Math.floor(Date.now() / 1000)

/** What a good token says. */
const claims = (changes: Record<string, unknown> = {}): JWTPayload => ({
  iss: server.issuer,
  aud: AUDIENCE,
  exp: now() + 600,
  iat: now(),
  scope: 'api',
  rollcall_project: rollcall.keys.projectId,
  ...changes,
})

/** A server that answers as a test wants it; stopped at the end. */
const listeners: Server[] = []
const listen = async (listener: RequestListener, port = 0): Promise<string> => {
  const listening = createServer(listener).listen(port, '127.0.0.1')
  listeners.push(listening)
  await once(listening, 'listening')
  return `http://127.0.0.1:${(listening.address() as AddressInfo).port}`
}

describe('A token of the outside issuer', () => {
  it('opens the project that it names, and no other', async () => {
    const token = await server.tokenFor('ours')
    const id = await rollcall.bulk([{ source_id: 'mine' }])
    const { status, body } = await call(token, base, `${LIST}/${id}`)
    expect([status, body['id']]).toEqual([200, id])
    const other = await rollcall.projects.create('other')
    const foreign = await signToken(key, claims({ rollcall_project: other.projectId }))
    expect((await call(foreign, base, `${LIST}/${id}`)).status).toBe(404)
  })

  it('may do what its scopes say', async () => {
    const token = await server.tokenFor('ours', 'customers')
    expect((await call(token, base, '/v1/customers/nobody')).status).toBe(404)
    const refused = await call(token)
    expect([refused.status, refused.body]).toMatchObject([403, MISSING_PERMISSION])
    expect(refused.headers.get('www-authenticate')).toMatch('error="insufficient_scope"')
  })

  it('may do nothing when it has no scope of ours', async () => {
    for (const scope of [undefined, 'openid profile', 'API', 'customers,api']) {
      expect(await statusOf(await signToken(key, claims({ scope })))).toBe(403)
    }
  })

  it.each<[string, JWTPayload]>([
    ['a text', { scp: 'profile async-actions' }],
    ['a list', { scp: ['async-actions'] }],
    ['a list by the other name', { scope: ['async-actions'] }],
  ])('may have its scopes as %s', async (_, scopes) => {
    expect(await statusOf(await signToken(key, claims({ scope: undefined, ...scopes })))).toBe(200)
  })

  it.each(['stranger', 'nobody', 'confused'])(
    'is refused with 403 when it names no project: %s',
    async (client) => {
      const { status, body } = await call(await server.tokenFor(client))
      expect(status).toBe(403)
      expect(body).toMatchObject({
        ...MISSING_PERMISSION,
        details: expect.stringMatching('rollcall_project') as string,
      })
    },
  )

  it('may be signed by any of the published keys', async () => {
    expect(await statusOf(await signToken(ecKey, claims()))).toBe(200)
  })

  it.each(['at+jwt', 'application/at+jwt', 'AT+JWT', 'JWT', undefined])('may be of type %s', async (typ) => {
    expect(await statusOf(await signToken(key, claims(), { typ: typ as string }))).toBe(200)
  })

  it('may be meant for others, too', async () => {
    expect(
      await statusOf(await signToken(key, claims({ aud: ['https://other.example.com', AUDIENCE] }))),
    ).toBe(200)
  })

  it('may be ten seconds late, as clocks differ, and no more', async () => {
    expect(await statusOf(await signToken(key, claims({ exp: now() - 5 })))).toBe(200)
    expect(await statusOf(await signToken(key, claims({ exp: now() - 11 })))).toBe(401)
    expect(await statusOf(await signToken(key, claims({ nbf: now() + 5 })))).toBe(200)
  })

  it('is refused once it has ended, though it was in use', async () => {
    const exp = now() - 8
    const token = await signToken(key, claims({ exp }))
    let lastUse = 0
    await eventually('it is refused', async () => {
      const sentAt = Date.now()
      const status = await statusOf(token)
      if (status === 200) lastUse = sentAt
      return status === 401 ? true : undefined
    })
    expect(lastUse).toBeGreaterThan(0)
    expect(lastUse).toBeLessThan((exp + 10) * 1000)
  })

  it('goes beside our own tokens and keys', async () => {
    const { body } = await rollcall.call<{ access_token: string }>('POST', '/v1/oauth/token', {
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: 'grant_type=client_credentials&scope=api',
    })
    expect(await statusOf(body.access_token)).toBe(200)
    const { appId, appToken } = rollcall.keys
    const byKeys = await fetch(base + LIST, { headers: { 'x-app-id': appId, 'x-app-token': appToken } })
    expect(byKeys.status).toBe(200)
  })

  it('means nothing where no issuer is set', async () => {
    expect(await statusOf(await server.tokenFor('ours'), rollcall.base)).toBe(401)
  })

  it('is announced as one of those that are taken', async () => {
    const response = await fetch(`${base}/.well-known/oauth-protected-resource`)
    expect(await response.json()).toMatchObject({ authorization_servers: [base, server.issuer] })
  })
})

describe('What is no valid token of the issuer is answered with 401:', () => {
  const encode = (part: object) => Buffer.from(JSON.stringify(part)).toString('base64url')
  const unsigned = (header: object) => `${encode(header)}.${encode(claims())}`
  const hmac = (header: object, secret: string) => {
    const signed = unsigned(header)
    return `${signed}.${createHmac('sha256', secret).update(signed).digest('base64url')}`
  }
  const pem = () => key.publicKey.export({ type: 'spki', format: 'pem' }) as string

  it.each<[string, () => string | Promise<string>]>([
    ['one that has ended', () => signToken(key, claims({ exp: now() - 60 }))],
    ['one that is not good yet', () => signToken(key, claims({ nbf: now() + 60 }))],
    ['one without an end', () => signToken(key, claims({ exp: undefined }))],
    ['one for another audience', () => server.tokenFor('ours', 'api', 'https://other.example.com')],
    ['one without an audience', () => signToken(key, claims({ aud: undefined }))],
    ['one of another issuer', () => signToken(key, claims({ iss: 'https://other.example.com' }))],
    ['one of an issuer with a slash more', () => signToken(key, claims({ iss: `${server.issuer}/` }))],
    [
      'one with a changed claim',
      async () => {
        const [header, , signature] = (await server.tokenFor('nobody')).split('.')
        return `${header ?? ''}.${encode(claims())}.${signature ?? ''}`
      },
    ],
    [
      'one with a changed signature',
      async () => {
        const [header, payload, signature = ''] = (await server.tokenFor('ours')).split('.')
        const changed = (signature.startsWith('A') ? 'B' : 'A') + signature.slice(1)
        return [header, payload, changed].join('.')
      },
    ],
    ['one of nobody (alg none)', () => `${unsigned({ alg: 'none', typ: 'at+jwt' })}.`],
    [
      'one signed with the public key as a secret',
      () => hmac({ alg: 'HS256', typ: 'at+jwt', kid: key.kid }, pem()),
    ],
    ['the same without a key id', () => hmac({ alg: 'HS256', typ: 'at+jwt' }, pem())],
    [
      'one by a key that is not published',
      () => signToken({ ...newSigningKey('x'), kid: key.kid }, claims()),
    ],
    [
      'one that brings its own key',
      () => {
        const own = newSigningKey('own')
        return signToken(own, claims(), { jwk: own.publicKey.export({ format: 'jwk' }) as never })
      },
    ],
    ['one by the key of another algorithm', () => signToken({ ...ecKey, kid: key.kid }, claims())],
    ['a logout token', () => signToken(key, claims(), { typ: 'logout+jwt' })],
    [
      'one of an unknown critical extension',
      () => `${unsigned({ alg: 'RS256', kid: key.kid, crit: ['b'], b: 1 })}.AA`,
    ],
    ['a header alone', () => encode({ alg: 'RS256' })],
    ['claims that are no object', () => `${encode({ alg: 'RS256' })}.${encode(['x'])}.AA`],
  ])('%s', async (_, make) => {
    const answer = await call(await make())
    expect(answer.status).toBe(401)
    expect(answer.body).toMatchObject({ code: 401, key: 'unauthorized', message: 'Unauthorized' })
    expect(answer.headers.get('www-authenticate')).toBe('Bearer realm="rollcall", error="invalid_token"')
  })
})

describe('The keys of the issuer', () => {
  it('are read again for an unknown one, but no more often than every five seconds', async () => {
    const before = await server.jwksReads()
    const startedAt = Date.now()
    for (let nth = 0; nth < 30; nth++) {
      const junk = await signToken({ ...key, kid: `unknown-${nth}` }, claims())
      expect(await statusOf(junk)).toBe(401)
    }
    const allowed = 1 + Math.floor((Date.now() - startedAt) / 5_000)
    expect((await server.jwksReads()) - before).toBeLessThanOrEqual(allowed)
  })

  it('may change: new ones are taken within seconds, withdrawn ones no longer', async () => {
    const renewed = newSigningKey('renewed')
    const old = await server.tokenFor('ours')
    expect(await statusOf(old)).toBe(200)
    await server.rotate([renewed])
    try {
      const fresh = await server.tokenFor('ours')
      await eventually('the new key is known', async () =>
        (await statusOf(fresh)) === 200 ? true : undefined,
      )
      // A token that was not used before, so that nothing is remembered of it.
      expect(await statusOf(await signToken(key, claims({ jti: 'unused' })))).toBe(401)
    } finally {
      await server.rotate([key, ecKey])
      await eventually('the old keys are back', async () =>
        (await statusOf(await signToken(key, claims({ jti: randomUUID() })))) === 200 ? true : undefined,
      )
    }
  })

  it('may have an address of their own, and the project a claim of its own', async () => {
    const keys = await listen((_, response) => response.end(JSON.stringify(publishedKeys([key]))))
    const issuer = 'https://login.example.com/tenant/'
    const api = await rollcall.startAnotherApi({
      OAUTH_ISSUER: issuer,
      OAUTH_AUDIENCE: 'rollcall',
      OAUTH_JWKS_URI: `${keys}/keys.json`,
      OAUTH_PROJECT_CLAIM: 'https://example.com/project',
    })
    const said = { iss: issuer, aud: 'rollcall', exp: now() + 60, scope: 'api' }
    const named = { ...said, 'https://example.com/project': rollcall.keys.projectId.toUpperCase() }
    expect(await statusOf(await signToken(key, named), api)).toBe(200)
    expect(await statusOf(await signToken(key, { ...named, ...claims(), iss: issuer, aud: 'x' }), api)).toBe(
      401,
    )
    const otherClaim = { ...said, rollcall_project: rollcall.keys.projectId }
    expect(await statusOf(await signToken(key, otherClaim), api)).toBe(403)
  })

  it('are found by OpenID Connect metadata, too, below an issuer with a path', async () => {
    const paths: string[] = []
    const origin = await listen((request, response) => {
      paths.push(request.url ?? '')
      if (request.url === '/tenant/.well-known/openid-configuration')
        response.end(JSON.stringify({ issuer: `${origin}/tenant`, jwks_uri: `${origin}/keys` }))
      else if (request.url === '/keys') response.end(JSON.stringify(publishedKeys([key])))
      else response.writeHead(404).end()
    })
    const issuer = `${origin}/tenant`
    const api = await rollcall.startAnotherApi({ OAUTH_ISSUER: issuer, OAUTH_AUDIENCE: AUDIENCE })
    expect(await statusOf(await signToken(key, claims({ iss: issuer })), api)).toBe(200)
    expect(paths).toEqual([
      '/.well-known/oauth-authorization-server/tenant',
      '/tenant/.well-known/openid-configuration',
      '/keys',
    ])
  })
})

describe('An issuer that cannot be asked', () => {
  const expectUnavailable = async (issuer: string, api: string) => {
    const { status, headers, body } = await call(await signToken(key, claims({ iss: issuer })), api)
    expect(status).toBe(503)
    expect(headers.get('retry-after')).toBe('5')
    expect(body).toMatchObject({ code: 503, key: 'service_unavailable' })
  }
  const apiFor = (issuer: string) =>
    rollcall.startAnotherApi({ OAUTH_ISSUER: issuer, OAUTH_AUDIENCE: AUDIENCE })

  it('gives 503 and Retry-After, until it is back; keys and our own tokens do not mind', async () => {
    const late = await AuthorizationServer.start({ audience: AUDIENCE, keys: [key], clients: {} })
    const { issuer } = late
    await late.stop()
    const api = await apiFor(issuer)
    await expectUnavailable(issuer, api)
    const { appId, appToken } = rollcall.keys
    expect(
      (await fetch(api + LIST, { headers: { 'x-app-id': appId, 'x-app-token': appToken } })).status,
    ).toBe(200)
    expect(await statusOf('unknown', api)).toBe(401)
    expect(await statusOf(await signToken(key, claims({ iss: 'https://other.example.com' })), api)).toBe(401)
    const back = await AuthorizationServer.start({
      audience: AUDIENCE,
      keys: [key],
      clients: { ours: { rollcall_project: rollcall.keys.projectId } },
      port: Number(new URL(issuer).port),
    })
    try {
      expect(await statusOf(await back.tokenFor('ours'), api)).toBe(200)
      await back.stop()
      // Its keys are known by now, so only a token by an unknown one needs it.
      expect(await statusOf(await signToken(key, claims({ iss: issuer })), api)).toBe(200)
      const unknown = await signToken({ ...key, kid: 'unknown' }, claims({ iss: issuer }))
      await eventually('it is asked for the unknown key', async () =>
        (await statusOf(unknown, api)) === 503 ? true : undefined,
      )
      expect(await statusOf(await signToken(key, claims({ iss: issuer, jti: 'other' })), api)).toBe(200)
    } finally {
      await back.stop()
    }
  })

  describe('because it answers wrongly', () => {
    let origin: string
    let api: string
    let answers: Record<string, RequestListener>

    beforeAll(async () => {
      origin = await listen((request, response) => {
        const answer = answers[request.url ?? '']
        if (answer) answer(request, response)
        else response.writeHead(404).end()
      })
      api = await apiFor(origin)
    })

    const METADATA = '/.well-known/oauth-authorization-server'
    const says = (metadata: object): RequestListener => {
      return (_, response) => response.end(JSON.stringify(metadata))
    }

    // In this order: once found, the address of the keys is kept.
    it.each<[string, (issuer: string) => RequestListener]>([
      ['is missing', () => (_, response) => response.writeHead(404).end()],
      [
        'names another',
        (issuer) => says({ issuer: 'https://other.example.com', jwks_uri: `${issuer}/keys` }),
      ],
      ['has its keys without TLS', (issuer) => says({ issuer, jwks_uri: 'http://example.com/keys' })],
      ['has no keys', (issuer) => says({ issuer })],
    ])('is one whose metadata %s', async (_, metadata) => {
      answers = { [METADATA]: metadata(origin) }
      await expectUnavailable(origin, api)
    })

    it.each<[string, RequestListener]>([
      ['is at fault', (_, response) => response.writeHead(500).end()],
      ['redirects', (_, response) => response.writeHead(302, { location: '/elsewhere' }).end()],
      ['answers no JSON', (_, response) => response.end('<html>')],
      ['answers no keys', (_, response) => response.end('{"keys":"none"}')],
      ['does not answer', () => undefined],
      ['does not come to an end', (_, response) => response.write('{')],
    ])('is one that %s when it is asked for its keys', async (_, keys) => {
      answers = { [METADATA]: says({ issuer: origin, jwks_uri: `${origin}/keys` }), '/keys': keys }
      await expectUnavailable(origin, api)
    })

    it('is asked again at the next token', async () => {
      answers = {
        [METADATA]: says({ issuer: origin, jwks_uri: `${origin}/keys` }),
        '/keys': says(publishedKeys([key])),
      }
      expect(await statusOf(await signToken(key, claims({ iss: origin })), api)).toBe(200)
    })
  })
})
