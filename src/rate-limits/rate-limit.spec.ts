import { RequestError } from '../kernel/index.js'
import { RateLimit, type RateLimitHeaders, type RateLimitOptions } from './rate-limit.js'

const NOON = Date.UTC(2026, 10, 23, 12)

describe('A rate limit', () => {
  let told: RateLimitHeaders | undefined

  beforeEach(() => {
    jest.useFakeTimers({ now: NOON + 250 })
  })
  afterEach(() => {
    jest.useRealTimers()
  })

  const ask = async (limit: RateLimit, project = 'project'): Promise<RequestError | undefined> => {
    try {
      await limit.count(project, (headers) => {
        told = headers
      })
      return undefined
    } catch (error) {
      expect(error).toBeInstanceOf(RequestError)
      return error as RequestError
    }
  }
  const limitOf = (options: Partial<RateLimitOptions> = {}) =>
    new RateLimit({ type: 'api_calls', calls: 2, window: 'minute', ...options })
  const noonPlus = (seconds: number) => String(NOON / 1000 + seconds)

  it('tells what is left, and that the next call is possible now as long as something is', async () => {
    const limit = limitOf()
    expect(await ask(limit)).toBeUndefined()
    expect(told).toEqual({
      'X-Rate-Limit-Limit': '2',
      'X-Rate-Limit-Remaining': '1',
      'X-Rate-Limit-Retry': noonPlus(0),
      'X-Rate-Limit-Type': 'api_calls',
    })
  })

  it('counts a minute from the first call, and names its end once nothing is left', async () => {
    const limit = limitOf()
    await ask(limit)
    jest.advanceTimersByTime(45_000)
    expect(await ask(limit)).toBeUndefined()
    expect(told).toMatchObject({ 'X-Rate-Limit-Remaining': '0', 'X-Rate-Limit-Retry': noonPlus(61) })
    const refusal = await ask(limit)
    expect(refusal).toMatchObject({ status: 429, extra: { headers: { 'Retry-After': '15' } } })
    expect(told).toMatchObject({ 'X-Rate-Limit-Remaining': '0', 'X-Rate-Limit-Retry': noonPlus(61) })
  })

  it('refuses to the last millisecond, asks for a whole second’s patience, and then begins anew', async () => {
    const limit = limitOf()
    await ask(limit)
    await ask(limit)
    jest.advanceTimersByTime(59_999)
    expect(await ask(limit)).toMatchObject({ extra: { headers: { 'Retry-After': '1' } } })
    jest.advanceTimersByTime(1)
    expect(await ask(limit)).toBeUndefined()
    expect(told).toMatchObject({ 'X-Rate-Limit-Remaining': '1' })
  })

  it('is not prolonged by calls that are refused', async () => {
    const limit = limitOf({ calls: 1 })
    await ask(limit)
    for (let second = 1; second < 60; second++) {
      jest.advanceTimersByTime(1_000)
      expect(await ask(limit)).toBeDefined()
    }
    jest.advanceTimersByTime(1_000)
    expect(await ask(limit)).toBeUndefined()
  })

  it('of an hour lasts an hour', async () => {
    const limit = limitOf({ type: 'bulk_api_calls', calls: 1, window: 'hour' })
    await ask(limit)
    expect(await ask(limit)).toMatchObject({
      details: 'The project may make 1 such calls per hour; the next is possible in 3600 s.',
      extra: { headers: { 'Retry-After': '3600' } },
    })
    jest.advanceTimersByTime(3_600_000)
    expect(await ask(limit)).toBeUndefined()
  })

  it('counts each project by itself', async () => {
    const limit = limitOf({ calls: 1 })
    await ask(limit, 'one')
    expect(await ask(limit, 'one')).toBeDefined()
    expect(await ask(limit, 'other')).toBeUndefined()
  })
})
