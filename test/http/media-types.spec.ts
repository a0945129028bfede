import { Rollcall } from '../support/rollcall.js'

describe('Media types', () => {
  let rollcall: Rollcall
  let report: string

  beforeAll(async () => {
    rollcall = await Rollcall.start()
    const action = await rollcall.finished(await rollcall.bulk([{ source_id: 'a' }]))
    report = (action.result?.reports[0] ?? '').replace(rollcall.base, '')
  })
  afterAll(() => rollcall.stop())

  const get = (path: string, accept: string) => rollcall.call('GET', path, { headers: { accept } })

  it.each([
    'application/json',
    'application/json, text/plain, */*',
    'application/json; charset=utf-8',
    'application/json;q=0.1, text/html',
    'application/*',
    '*/*',
    'text/html, */*;q=0.1',
    'APPLICATION/JSON',
    '',
  ])('JSON is sent to a client that accepts %j', async (accept) => {
    const answer = await get('/v1/async-actions', accept)
    expect(answer.status).toBe(200)
    expect(answer.headers.get('content-type')).toMatch('application/json')
  })

  it.each([
    'text/html',
    'text/*',
    'application/xml, text/csv',
    'application/json;q=0',
    '*/*;q=0',
    'application/json;q=0, */*',
    'nonsense',
  ])('a client that accepts %j is answered 406 in the shape of all errors', async (accept) => {
    const answer = await get('/v1/async-actions', accept)
    expect(answer.status).toBe(406)
    expect(answer.body).toEqual({
      code: 406,
      key: 'not_acceptable',
      message: 'Not acceptable',
      details: 'This endpoint produces application/json, which the Accept header excludes.',
      request_id: answer.headers.get('x-voucherify-request-id'),
    })
  })

  it.each([
    ['text/csv', 200],
    ['text/*', 200],
    ['*/*', 200],
    ['text/html,application/xhtml+xml,*/*;q=0.8', 200],
    ['text/csv; charset=utf-8', 200],
    ['application/json, text/plain, */*', 200],
    ['application/json', 406],
    ['text/csv;q=0, */*', 406],
  ])('the report is CSV: %j is answered %i', async (accept, status) => {
    const answer = await get(report, accept)
    expect(answer.status).toBe(status)
    expect(answer.headers.get('content-type')).toBe(
      status === 200 ? 'text/csv; charset=utf-8' : 'application/json; charset=utf-8',
    )
  })

  it('who is not admitted is told nothing else', async () => {
    const answer = await rollcall.call('GET', '/v1/async-actions', {
      keys: null,
      headers: { accept: 'text/html' },
    })
    expect(answer.status).toBe(401)
  })

  it('a request that cannot be answered is not carried out', async () => {
    const before = await rollcall.query('SELECT FROM async_actions')
    const answer = await rollcall.call('POST', '/v1/customers/bulk/async', {
      body: [{ source_id: 'b' }],
      headers: { accept: 'text/html' },
    })
    expect(answer.status).toBe(406)
    expect(await rollcall.query('SELECT FROM async_actions')).toHaveLength(before.length)
  })

  it.each(['GET', 'HEAD'])('%s with a content type and no body is a plain %s', async (method) => {
    const headers = { 'content-type': 'application/json' }
    expect((await rollcall.call(method, '/v1/async-actions', { headers })).status).toBe(200)
  })

  it.each([
    ['application/json;charset=UTF-8', 202],
    ['Application/JSON; charset="utf-8"', 202],
    ['application/json; charset=iso-8859-1', 415],
    ['application/vnd.example+json', 415],
    ['application/x-www-form-urlencoded', 415],
  ])('a body of type %s is answered %i', async (type, status) => {
    const answer = await rollcall.call('POST', '/v1/customers/bulk/async', {
      body: '[]',
      headers: { 'content-type': type },
    })
    expect(answer.status).toBe(status)
  })

  it.each(['gzip', 'br', 'zstd', 'gzip, gzip', 'nonsense'])(
    'a body in %s is answered 415, unread',
    async (encoding) => {
      const answer = await rollcall.call('POST', '/v1/customers/bulk/async', {
        body: Buffer.alloc(200_000),
        headers: { 'content-encoding': encoding },
      })
      expect(answer.status).toBe(415)
      expect(answer.body).toMatchObject({
        key: 'unsupported_media_type',
        details: 'Send the body uncompressed.',
      })
    },
  )
})
