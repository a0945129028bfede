/** Rules of the contract that need a server with settings of its own, or a hand in its database. */
import { Rollcall } from '../support/rollcall.js'

describe('§1.1 CORS', () => {
  let rollcall: Rollcall
  const origin = 'https://app.example.com'

  beforeAll(async () => {
    rollcall = await Rollcall.start({ workers: 0, env: { CORS_ORIGINS: origin } })
  })
  afterAll(() => rollcall.stop())

  it('lets browsers of allowed origins send the key headers', async () => {
    const answer = await rollcall.call('OPTIONS', '/v1/customers/bulk/async', {
      keys: null,
      headers: {
        origin,
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'x-app-id,x-app-token,content-type',
      },
    })
    expect(answer.headers.get('access-control-allow-origin')).toBe(origin)
    expect(answer.headers.get('access-control-allow-headers')?.toLowerCase()).toMatch(/x-app-id.*x-app-token/)
  })
})

describe('§1.3 429', () => {
  it('answers calls beyond the rate limit, with the headers that tell when to come back', async () => {
    const rollcall = await Rollcall.start({ workers: 0, env: { RATE_LIMIT_PER_MINUTE: '2' } })
    try {
      const answers = []
      for (let n = 0; n < 3; n++) answers.push(await rollcall.call('GET', '/v1/async-actions'))
      expect(answers.map(({ status }) => status)).toEqual([200, 200, 429])
      const [, , refused] = answers
      expect(refused?.body).toMatchObject({
        code: 429,
        message: expect.stringMatching(/Too many requests/) as string,
      })
      const header = (name: string) => Number(refused?.headers.get(name))
      expect(header('retry-after')).toBeGreaterThan(0)
      expect(header('x-rate-limit-limit')).toBe(2)
      expect(header('x-rate-limit-remaining')).toBe(0)
      expect(header('x-rate-limit-retry') * 1_000).toBeGreaterThan(Date.now() - 1_000)
      expect(refused?.headers.get('x-rate-limit-type') ?? 'api_calls').toBe('api_calls')
    } finally {
      await rollcall.stop()
    }
  })

  it('answers bulk requests beyond their own hourly limit, and lets other calls pass', async () => {
    const rollcall = await Rollcall.start({ workers: 0, env: { BULK_RATE_LIMIT_PER_HOUR: '1' } })
    try {
      const bulk = () => rollcall.call('POST', '/v1/customers/bulk/async', { body: [] })
      expect((await bulk()).status).toBe(202)
      const refused = await bulk()
      expect(refused.status).toBe(429)
      expect(refused.headers.get('x-rate-limit-type')).toBe('bulk_api_calls')
      expect((await rollcall.call('GET', '/v1/async-actions')).status).toBe(200)
    } finally {
      await rollcall.stop()
    }
  })

  it('answers a project that has too many unfinished actions', async () => {
    const rollcall = await Rollcall.start({ workers: 0, env: { MAX_OPEN_ACTIONS: '1' } })
    try {
      await rollcall.bulk([])
      const refused = await rollcall.call('POST', '/v1/customers/bulk/async', { body: [] })
      expect(refused.status).toBe(429)
      expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0)
    } finally {
      await rollcall.stop()
    }
  })
})

describe('§1.2 without a limit', () => {
  it('sends no rate-limit headers', async () => {
    const rollcall = await Rollcall.start({ workers: 0 })
    try {
      const { headers } = await rollcall.call('GET', '/v1/async-actions')
      expect([...headers.keys()].filter((name) => name.startsWith('x-rate-limit'))).toEqual([])
    } finally {
      await rollcall.stop()
    }
  })
})

describe('§6 the report', () => {
  it('is 404 once its time is over', async () => {
    const rollcall = await Rollcall.start()
    try {
      const action = await rollcall.finished(await rollcall.bulk([{ source_id: 'old' }]))
      await rollcall.query('UPDATE async_actions SET reports_available_till = clock_timestamp()')
      expect((await fetch(action.result?.reports[0] ?? '')).status).toBe(404)
    } finally {
      await rollcall.stop()
    }
  })
})

describe('§8 a token', () => {
  it('is dead and inactive once its time is over', async () => {
    const rollcall = await Rollcall.start({ workers: 0 })
    try {
      const form = (path: string, body: string) =>
        rollcall.call('POST', path, {
          body,
          headers: { 'content-type': 'application/x-www-form-urlencoded' },
        })
      const { body } = await form('/v1/oauth/token', 'grant_type=client_credentials&scope=api')
      const token = String(body['access_token'])
      await rollcall.query('UPDATE access_tokens SET expires_at = clock_timestamp()')
      const headers = { authorization: `Bearer ${token}` }
      expect((await rollcall.call('GET', '/v1/async-actions', { keys: null, headers })).status).toBe(401)
      expect((await form('/v1/oauth/introspect', `access_token=${token}`)).body).toEqual({ active: false })
    } finally {
      await rollcall.stop()
    }
  })
})
