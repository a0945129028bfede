import { Rollcall } from '../support/rollcall.js'

interface Document {
  paths: Record<string, Record<string, unknown>>
}

const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE']

describe('A path', () => {
  let rollcall: Rollcall
  let paths: Document['paths']

  beforeAll(async () => {
    rollcall = await Rollcall.start({ workers: 0 })
    paths = (await rollcall.call<Document>('GET', '/openapi.json')).body.paths
  })
  afterAll(() => rollcall.stop())

  /** Each documented path with values for its parameters, and the methods of all templates that fit it. */
  const known = () =>
    Object.keys(paths).map((template) => {
      const path = template.replace(/\{\w+\}/g, 'some-id')
      const fitting = Object.entries(paths).filter(([other]) =>
        new RegExp(`^${other.replace(/\{\w+\}/g, '[^/]+')}$`).test(path),
      )
      return {
        path,
        methods: fitting.flatMap(([, operations]) => Object.keys(operations)).map((it) => it.toUpperCase()),
      }
    })
  const sorted = (list: string | null) => list?.split(', ').sort()
  const withHead = (methods: string[]) =>
    [...new Set([...methods, ...(methods.includes('GET') ? ['HEAD'] : []), 'OPTIONS'])].sort()

  it('answers every method that it does not have with 405 and those that it has, to anybody', async () => {
    let asked = 0
    for (const { path, methods } of known()) {
      for (const method of METHODS.filter((each) => !methods.includes(each))) {
        const answer = await rollcall.call(method, path, { keys: null })
        expect([method, path, answer.status]).toEqual([method, path, 405])
        expect([path, sorted(answer.headers.get('allow'))]).toEqual([path, withHead(methods)])
        expect(answer.body).toEqual({
          code: 405,
          key: 'method_not_allowed',
          message: 'HTTP Method Not Allowed',
          details: expect.stringMatching(
            new RegExp(
              `^${method} is not supported by this endpoint\\. Did you mean [A-Z, ]+( or [A-Z]+)?\\?$`,
            ),
          ) as string,
          request_id: answer.headers.get('x-voucherify-request-id'),
        })
        asked++
      }
    }
    expect(asked).toBeGreaterThan(20)
  })

  it('says in words which methods it has', async () => {
    const answer = await rollcall.call('PUT', '/v1/customers/bulk/async')
    expect(answer.body).toMatchObject({
      details: 'PUT is not supported by this endpoint. Did you mean POST?',
    })
  })

  it('of the documentation is no different', async () => {
    const answer = await rollcall.call('POST', '/openapi.json', { keys: null })
    expect([answer.status, answer.headers.get('allow')]).toEqual([405, 'GET, HEAD, OPTIONS'])
  })

  it('answers 405 to a body of 10 MB without hanging up on the client', async () => {
    const answer = await rollcall.call('PUT', '/v1/customers/bulk/async', { body: ' '.repeat(10_485_760) })
    expect(answer.status).toBe(405)
  })

  it('answers OPTIONS with its methods, to anybody', async () => {
    for (const { path, methods } of known()) {
      const answer = await rollcall.call('OPTIONS', path, { keys: null })
      expect([path, answer.status, answer.text]).toEqual([path, 204, ''])
      expect([path, sorted(answer.headers.get('allow'))]).toEqual([path, withHead(methods)])
    }
  })

  it('answers HEAD as GET, without a body', async () => {
    const get = await rollcall.call('GET', '/v1/async-actions')
    const head = await rollcall.call('HEAD', '/v1/async-actions')
    expect([head.status, head.text]).toEqual([200, ''])
    for (const header of ['content-type', 'content-length', 'etag']) {
      expect([header, head.headers.get(header)]).toEqual([header, get.headers.get(header)])
    }
    expect((await rollcall.call('HEAD', '/v1/async-actions', { keys: null })).status).toBe(401)
    expect((await rollcall.call('HEAD', '/v1/customers/bulk/async')).status).toBe(405)
  })

  it.each(['GET', 'POST', 'PUT', 'DELETE', 'OPTIONS'])(
    'that is unknown answers %s with 404 in the shape of all errors, to anybody',
    async (method) => {
      const answer = await rollcall.call(method, '/v1/nothing?token=secret', { keys: null })
      expect(answer.status).toBe(404)
      expect(answer.body).toEqual({
        code: 404,
        key: 'not_found',
        message: 'Resource not found',
        details: `Cannot ${method} /v1/nothing`,
        request_id: answer.headers.get('x-voucherify-request-id'),
      })
    },
  )

  it.each([
    ['//v1/async-actions', 200],
    ['//v1//async-actions?limit=1', 200],
    ['/v1/async-actions/', 200],
    ['/v1/customers//bulk///async', 405],
    ['//v1//customers', 200],
  ])('%s is read without its empty segments', async (path, status) => {
    expect((await rollcall.call('GET', path)).status).toBe(status)
  })

  it('keeps an encoded slash within its id, and slashes in the query', async () => {
    const { body } = await rollcall.call('GET', '/v1/customers/a%2F%2Fb?x=//')
    expect(body).toMatchObject({ code: 404, resource_type: 'customer', resource_id: 'a//b' })
  })

  it.each(['/v1/async-actions/%zz', '/v1/customers/%c0%af', '/v1/customers/%'])(
    '%s, which is not URL-encoded UTF-8, is answered 400',
    async (path) => {
      const answer = await rollcall.call('GET', path)
      expect(answer.status).toBe(400)
      expect(answer.body).toEqual({
        code: 400,
        key: 'invalid_path',
        message: 'Invalid path',
        details: 'The path is not URL-encoded UTF-8.',
        request_id: answer.headers.get('x-voucherify-request-id'),
      })
    },
  )

  it('of 9 KB is answered 404', async () => {
    expect((await rollcall.call('GET', `/v1/${'x/'.repeat(4_600)}`)).status).toBe(404)
    expect((await rollcall.call('GET', `/v1/async-actions/${'x'.repeat(9_000)}`)).status).toBe(404)
  })
})

describe('With origins for browsers', () => {
  let rollcall: Rollcall
  const origin = 'https://app.example.com'

  beforeAll(async () => {
    rollcall = await Rollcall.start({ workers: 0, env: { CORS_ORIGINS: `${origin},https://b.example.com` } })
  })
  afterAll(() => rollcall.stop())

  it('a preflight is answered for a page of theirs', async () => {
    const { status, headers } = await rollcall.call('OPTIONS', '/v1/customers/bulk/async', {
      keys: null,
      headers: {
        origin,
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'x-app-id,x-app-token,content-type',
      },
    })
    expect(status).toBe(204)
    expect(headers.get('access-control-allow-origin')).toBe(origin)
    expect(headers.get('access-control-allow-methods')).toMatch('POST')
    expect(headers.get('access-control-allow-headers')).toBe('x-app-id,x-app-token,content-type')
    expect(headers.get('allow')).toBe('POST, OPTIONS')
  })

  it('a plain OPTIONS is answered as ever', async () => {
    const { status, headers } = await rollcall.call('OPTIONS', '/v1/async-actions', { keys: null })
    expect([status, headers.get('allow')]).toEqual([204, 'GET, HEAD, OPTIONS'])
  })

  it('pages may read the headers that answers are told apart by, also of errors', async () => {
    const { status, headers } = await rollcall.call('GET', '/v1/async-actions', {
      keys: null,
      headers: { origin },
    })
    expect([status, headers.get('access-control-allow-origin')]).toEqual([401, origin])
    expect(headers.get('access-control-expose-headers')).toMatch(
      /X-Voucherify-Request-Id.*Retry-After.*X-Rate-Limit-Remaining/,
    )
  })

  it('a page from elsewhere gets no leave', async () => {
    const { headers } = await rollcall.call('OPTIONS', '/v1/async-actions', {
      keys: null,
      headers: { origin: 'https://evil.example.com', 'access-control-request-method': 'GET' },
    })
    expect(headers.get('access-control-allow-origin')).toBeNull()
  })
})
