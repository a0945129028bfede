import { Redis } from 'ioredis'
import { type ProjectKeys } from '../../src/projects/index.js'
import { type Answer, eventually, Rollcall } from '../support/rollcall.js'
import { startRedis, type TestRedis } from '../support/servers.js'

const BULK = '/v1/customers/bulk/async'
const LIST = '/v1/async-actions'

/** What an answer tells of the limit. */
const told = ({ headers }: Answer) => ({
  limit: headers.get('x-rate-limit-limit'),
  remaining: headers.get('x-rate-limit-remaining'),
  retry: headers.get('x-rate-limit-retry'),
  type: headers.get('x-rate-limit-type'),
})
const NOTHING = { limit: null, remaining: null, retry: null, type: null }
const nowInSeconds = () => Date.now() / 1000
const NOBODY = '/v1/customers/nobody'

describe('With a rate limit', () => {
  let redis: TestRedis
  let keeper: Redis
  let rollcall: Rollcall
  let project: ProjectKeys & { projectId: string }

  beforeAll(async () => {
    redis = await startRedis()
    keeper = new Redis(redis.url)
    const env = { RATE_LIMIT_PER_MINUTE: '20', BULK_RATE_LIMIT_PER_HOUR: '3' }
    rollcall = await Rollcall.start({ workers: 0, redisUrl: redis.url, env })
  })
  afterAll(async () => {
    await rollcall.stop()
    keeper.disconnect()
    await redis.stop()
  })
  beforeEach(async () => {
    project = await rollcall.projects.create('limited')
  })

  const call = (method = 'GET', path = LIST, body?: unknown) =>
    rollcall.call(method, path, { keys: project, body })
  const calls = (count: number, ask: () => Promise<Answer> = () => call()) =>
    Promise.all(Array.from({ length: count }, () => ask()))
  const statuses = (answers: Answer[]) => answers.map(({ status }) => status)
  const countOf = (answers: Answer[], status: number) =>
    statuses(answers).filter((each) => each === status).length
  const keyOf = (type: string) => `rollcall:${type}:${project.projectId}`

  it('of 20 calls a minute, exactly 20 of 50 that come at once succeed', async () => {
    const answers = await calls(50)
    expect([countOf(answers, 200), countOf(answers, 429)]).toEqual([20, 30])
    const remaining = answers
      .filter(({ status }) => status === 200)
      .map((answer) => Number(told(answer).remaining))
    expect(remaining.sort((one, other) => one - other)).toEqual(Array.from({ length: 20 }, (_, n) => n))
  })

  it('every answer of a known project tells of it, whatever became of the call', async () => {
    const answers = [
      await call(),
      await call('GET', `${LIST}?limit=0`),
      await call('GET', '/v1/customers/nobody'),
      await rollcall.call('GET', LIST, { keys: project, headers: { accept: 'text/html' } }),
    ]
    expect(statuses(answers)).toEqual([200, 400, 404, 406])
    for (const [at, answer] of answers.entries()) {
      expect(told(answer)).toEqual({
        limit: '20',
        remaining: String(19 - at),
        retry: expect.stringMatching(/^\d+$/) as string,
        type: 'api_calls',
      })
      expect(Math.abs(Number(told(answer).retry) - nowInSeconds())).toBeLessThan(5)
      expect(answer.headers.get('retry-after')).toBeNull()
    }
  })

  it('a token counts for its project, and a call that it may not make counts as well', async () => {
    const form = { 'content-type': 'application/x-www-form-urlencoded' }
    const token = await rollcall.call<{ access_token: string }>('POST', '/v1/oauth/token', {
      keys: project,
      headers: form,
      body: 'grant_type=client_credentials&scope=customers',
    })
    expect(told(token as unknown as Answer)).toEqual(NOTHING)
    const headers = { authorization: `Bearer ${token.body.access_token}` }
    const refused = await rollcall.call('GET', LIST, { keys: null, headers })
    expect([refused.status, told(refused).remaining]).toEqual([403, '19'])
    expect(told(await call()).remaining).toBe('18')
  })

  it('one call too many is answered 429, with when to come again', async () => {
    await calls(20)
    const answer = await call()
    expect(answer.status).toBe(429)
    const seconds = Number(answer.headers.get('retry-after'))
    expect(answer.body).toEqual({
      code: 429,
      key: 'too_many_requests',
      message: 'Too many requests hit the API too quickly.',
      details: `The project may make 20 such calls per minute; the next is possible in ${seconds} s.`,
      request_id: answer.headers.get('x-voucherify-request-id'),
    })
    expect(seconds).toBeGreaterThanOrEqual(1)
    expect(seconds).toBeLessThanOrEqual(60)
    expect(told(answer)).toMatchObject({ limit: '20', remaining: '0', type: 'api_calls' })
    expect(Math.abs(Number(told(answer).retry) - nowInSeconds() - seconds)).toBeLessThan(3)
  })

  it('the last call of a minute already tells when the next is possible', async () => {
    await calls(19)
    const answer = await call()
    expect([answer.status, told(answer).remaining]).toEqual([200, '0'])
    const seconds = (await keeper.pttl(keyOf('api_calls'))) / 1000
    expect(Math.abs(Number(told(answer).retry) - nowInSeconds() - seconds)).toBeLessThan(2)
  })

  it('counting begins anew when the minute is over', async () => {
    const before = await calls(21)
    expect(countOf(before, 429)).toBe(1)
    expect(await keeper.pttl(keyOf('api_calls'))).toBeGreaterThan(30_000)
    // The rest of this minute is made short where it is kept.
    await keeper.pexpire(keyOf('api_calls'), 20)
    await eventually('the minute is over', async () =>
      (await keeper.exists(keyOf('api_calls'))) ? undefined : true,
    )
    const after = await call()
    expect([after.status, told(after).remaining]).toEqual([200, '19'])
    expect(await keeper.pttl(keyOf('api_calls'))).toBeGreaterThan(50_000)
  })

  it('projects are counted apart', async () => {
    await calls(21)
    expect((await call()).status).toBe(429)
    const answer = await rollcall.call('GET', LIST, { keys: await rollcall.projects.create('other') })
    expect([answer.status, told(answer).remaining]).toEqual([200, '19'])
  })

  it('bulk requests are counted by the hour, apart from other calls', async () => {
    const bulk = () => call('POST', BULK, [])
    const answers = await calls(5, bulk)
    expect([countOf(answers, 202), countOf(answers, 429)]).toEqual([3, 2])
    expect(told(await call())).toMatchObject({ limit: '20', remaining: '19', type: 'api_calls' })
    await calls(20)
    const refused = await bulk()
    expect(told(refused)).toMatchObject({ limit: '3', remaining: '0', type: 'bulk_api_calls' })
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(3_500)
    expect(refused.body).toMatchObject({
      details: expect.stringMatching(/^The project may make 3 such calls per hour/) as string,
    })
  })

  it('is looked at before the body: a bad one that comes too often is answered 429', async () => {
    const bad = () =>
      rollcall.call('POST', BULK, { keys: project, body: 'x', headers: { 'content-type': 'text/plain' } })
    expect(statuses([await bad(), await bad(), await bad(), await bad()])).toEqual([415, 415, 415, 429])
  })

  it('is counted together by all API processes', async () => {
    const further = await rollcall.startAnotherApi()
    const headers = { 'x-app-id': project.appId, 'x-app-token': project.appToken }
    const elsewhere = async () => (await fetch(further + LIST, { headers })).status
    // A process that has just started is slow to answer its first call.
    await rollcall.call('GET', LIST)
    await fetch(further + LIST, {
      headers: { 'x-app-id': rollcall.keys.appId, 'x-app-token': rollcall.keys.appToken },
    })
    const both = await Promise.all([
      ...Array.from({ length: 25 }, elsewhere),
      ...Array.from({ length: 25 }, async () => (await call()).status),
    ])
    expect(both.filter((status) => status === 200)).toHaveLength(20)
  })

  it.each([
    ['an unknown client', 'GET', LIST, 401],
    ['an unknown path', 'GET', '/v1/nothing', 404],
    ['an unknown method', 'PUT', LIST, 405],
    ['a check of health', 'GET', '/health/live', 200],
    ['the documentation', 'GET', '/openapi.json', 200],
  ])('the answer to %s has no project and tells nothing', async (_, method, path, status) => {
    const answer = await rollcall.call(method, path, { keys: null })
    expect([answer.status, told(answer)]).toEqual([status, NOTHING])
  })

  it('the official client reads it', async () => {
    const client = rollcall.client(project)
    expect(client.apiLimitsHandler.areLimitsAvailable()).toBe(false)
    await client.asyncActions.list({})
    await client.asyncActions.list({})
    expect(client.apiLimitsHandler.areLimitsAvailable()).toBe(true)
    expect(client.apiLimitsHandler.getRateLimit()).toBe(20)
    expect(client.apiLimitsHandler.getRateLimitRemaining()).toBe(18)
    expect(client.apiLimitsHandler.getRetryAfter()).toBe(0)
    await calls(20)
    await expect(client.asyncActions.list({})).rejects.toMatchObject({
      code: 429,
      message: 'Too many requests hit the API too quickly.',
    })
  })
})

describe('With a limit for bulk requests alone', () => {
  it('other calls are not limited and are told of none', async () => {
    const rollcall = await Rollcall.start({ workers: 0, env: { BULK_RATE_LIMIT_PER_HOUR: '1' } })
    try {
      expect(told(await rollcall.call('GET', NOBODY))).toEqual(NOTHING)
      const bulk = () => rollcall.call('POST', BULK, { body: [] })
      expect([(await bulk()).status, (await bulk()).status]).toEqual([202, 429])
    } finally {
      await rollcall.stop()
    }
  })
})

describe('Without a rate limit', () => {
  it('nothing is counted and nothing told', async () => {
    const rollcall = await Rollcall.start({ workers: 0 })
    try {
      const answers = await Promise.all(Array.from({ length: 50 }, () => rollcall.call('GET', NOBODY)))
      for (const answer of answers) expect([answer.status, told(answer)]).toEqual([404, NOTHING])
      const client = rollcall.client()
      await client.asyncActions.list({})
      expect(client.apiLimitsHandler.getRateLimit()).toBe(0)
    } finally {
      await rollcall.stop()
    }
  })
})
