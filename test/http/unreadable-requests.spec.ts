import { dumpOf } from '../support/dump.js'
import { Rollcall } from '../support/rollcall.js'
import { sendAndLeave } from '../support/multipart.factory.js'
import { type RawAnswer, sendRaw } from '../support/raw-http.js'

describe('A request', () => {
  let rollcall: Rollcall

  beforeAll(async () => {
    rollcall = await Rollcall.start({ workers: 0 })
  })
  afterAll(() => rollcall.stop())

  const send = (lines: string[], body = '') => sendRaw(rollcall.base, lines, body)
  const keys = () => [`X-App-Id: ${rollcall.keys.appId}`, `X-App-Token: ${rollcall.keys.appToken}`]
  const get = (...headers: string[]) => [
    'GET /v1/async-actions HTTP/1.1',
    'Host: x',
    'Connection: close',
    ...keys(),
    ...headers,
  ]
  const post = (...headers: string[]) => [
    'POST /v1/customers/bulk/async HTTP/1.1',
    'Host: x',
    'Content-Type: application/json',
    ...keys(),
    ...headers,
  ]
  const expectError = (answer: RawAnswer, status: number, key: string) => {
    expect(answer.status).toBe(status)
    expect(answer.headers['content-type']).toBe('application/json; charset=utf-8')
    expect(JSON.parse(answer.body)).toEqual({
      code: status,
      key,
      message: expect.any(String) as string,
      details: expect.any(String) as string,
      request_id: answer.headers['x-voucherify-request-id'],
    })
    expect(answer.headers['x-voucherify-request-id']).toMatch(/^v-[0-9a-f]{18}$/)
    expect(answer.headers['connection']).toBe('close')
  }

  it('with more than 16 KB of headers is answered 431 in the shape of all errors', async () => {
    expectError(await send(get(`X-Long: ${'x'.repeat(17_000)}`)), 431, 'headers_too_large')
  })

  it.each<[string, () => string[]]>([
    ['that is no HTTP', () => ['hello']],
    ['with a line break in a header', () => get('X-Broken: a\nb')],
    ['with a folded header', () => get('X-Folded: a', ' b')],
    ['with a length that is no number', () => post('Content-Length: ten')],
    ['with two lengths', () => post('Content-Length: 2', 'Content-Length: 3')],
    ['with a length and chunks', () => post('Content-Length: 2', 'Transfer-Encoding: chunked')],
    ['of an unknown method', () => ['BREW /v1/async-actions HTTP/1.1', 'Host: x']],
  ])('%s is answered 400 in the shape of all errors', async (_, lines) => {
    expectError(await send(lines()), 400, 'invalid_request')
  })

  it('with 200 headers is answered as any other', async () => {
    const many = Array.from({ length: 200 }, (_, n) => `X-${n}: ${n}`)
    expect((await send(get(...many))).status).toBe(200)
  })

  it('gets an id of ours, whatever id it brings', async () => {
    for (const id of ['v-000000000000000000', 'x'.repeat(7_000)]) {
      const answer = await send(get(`X-Request-Id: ${id}`, `X-Voucherify-Request-Id: ${id}`))
      expect(answer.status).toBe(200)
      expect(answer.headers['x-voucherify-request-id']).toMatch(/^v-[0-9a-f]{18}$/)
      expect(answer.headers['x-voucherify-request-id']).not.toBe(id)
    }
  })

  it('without a type for its body is answered 415', async () => {
    const lines = post('Content-Length: 2', 'Connection: close').filter(
      (line) => !line.startsWith('Content-Type'),
    )
    expect((await send(lines, '[]')).status).toBe(415)
  })

  it('without a body is answered 400', async () => {
    expect((await send(post('Content-Length: 0', 'Connection: close'))).status).toBe(400)
    expect((await send(post('Connection: close'))).status).toBe(400)
  })

  it('that announces 99 GB is answered 413 before it sends them, asking or not', async () => {
    for (const further of [['Connection: close'], ['Expect: 100-continue']]) {
      const answer = await send(post('Content-Length: 99999999999', ...further))
      expect(answer.status).toBe(413)
      expect(answer.headers['connection']).toBe('close')
    }
  })

  it('that asks whether to send its body is told to go on', async () => {
    const answer = await send(post('Content-Length: 2', 'Expect: 100-continue', 'Connection: close'), '[]')
    expect(answer.status).toBe(100)
    expect(answer.body).toMatch(/^HTTP\/1\.1 202 /)
  })

  it('with a file as long as may be is told to go on, though the form around it is longer', async () => {
    const boundary = `--b\r\nContent-Disposition: form-data; name="file"; filename="a.csv"\r\n\r\n`
    const form = `${boundary}${'Name\n'.padEnd(10_485_760, '\n')}\r\n--b--\r\n`
    const lines = (length: number) => [
      'POST /v1/customers/importCSV HTTP/1.1',
      'Host: x',
      'Content-Type: multipart/form-data; boundary=b',
      ...keys(),
      `Content-Length: ${String(length)}`,
      'Expect: 100-continue',
      'Connection: close',
    ]
    const answer = await send(lines(form.length), form)
    expect(answer.status).toBe(100)
    expect(answer.body).toMatch(/^HTTP\/1\.1 202 /)
    expect((await send(lines(10_485_760 + 65_537))).status).toBe(413)
  })

  it.each([
    ['POST /v1/customers/bulk/async', '[{"source_id":"left"}]'],
    ['POST /v1/customers/metadata/async', '{"metadata":{"a":1},"source_ids":["left"]}'],
    ['POST /v1/customers', '{"source_id":"left"}'],
    ['PUT /v1/customers/stayed', '{"name":"left"}'],
  ])('%s whose client goes away in the middle of its body leaves nothing behind', async (route, whole) => {
    // What arrives would be a request by itself, were it not for its length.
    await rollcall.call('POST', '/v1/customers', { body: { source_id: 'stayed' } })
    const before = await dumpOf((sql) => rollcall.query(sql))
    const [, ...further] = post('Content-Length: 400000')
    const head = [`${route} HTTP/1.1`, ...further].join('\r\n')
    const half = Buffer.from(`${head}\r\n\r\n${whole.padEnd(200_000)}`)
    await Promise.all(Array.from({ length: 5 }, () => sendAndLeave(rollcall.base, half)))
    // Whoever is answered after them is answered by a process that has seen them go.
    expect((await send(get())).status).toBe(200)
    expect(await dumpOf((sql) => rollcall.query(sql))).toEqual(before)
  })

  it('with If-None-Match is answered 304 when nothing changed', async () => {
    const { headers } = await send(get())
    const again = await send(get(`If-None-Match: ${headers['etag'] ?? ''}`))
    expect([again.status, again.body]).toEqual([304, ''])
    expect(again.headers['x-voucherify-request-id']).toMatch(/^v-/)
  })

  it('with its whole address in the request line is understood', async () => {
    const [, ...headers] = get()
    expect((await send([`GET ${rollcall.base}/v1/async-actions?limit=1 HTTP/1.1`, ...headers])).status).toBe(
      200,
    )
  })
})

describe('Every answer', () => {
  let rollcall: Rollcall

  beforeAll(async () => {
    rollcall = await Rollcall.start({ workers: 0 })
  })
  afterAll(() => rollcall.stop())

  it.each([
    ['GET', '/health/live', 200],
    ['GET', '/docs', 200],
    ['GET', '/docs/swagger-ui.css', 200],
    ['GET', '/openapi.json', 200],
    ['GET', '/v1/async-actions', 200],
    ['OPTIONS', '/v1/async-actions', 204],
    ['GET', '/v1/async-actions?limit=0', 400],
    ['GET', '/v1/async-actions/aa_000000000000000000', 404],
    ['GET', '/v1/async-actions/aa_000000000000000000/reports/1', 401],
    ['GET', '/nothing', 404],
    ['PUT', '/v1/async-actions', 405],
    ['POST', '/v1/oauth/token', 400],
  ])('carries the id of its request: %s %s, %i', async (method, path, status) => {
    const { status: answered, headers, body } = await rollcall.call(method, path)
    expect(answered).toBe(status)
    expect(headers.get('x-voucherify-request-id')).toMatch(/^v-[0-9a-f]{18}$/)
    if (status >= 400) {
      expect(body).toMatchObject({ code: status, request_id: headers.get('x-voucherify-request-id') })
    }
  })
})
