import { type Admission, PrincipalCache } from './principal-cache.js'

const ADA: Admission = { principal: { projectId: 'p', client: 'ada', scopes: ['api'] }, goodForMs: Infinity }

describe('The memory of whom credentials stand for', () => {
  let cache: PrincipalCache
  let asked: number

  beforeEach(() => {
    jest.useFakeTimers()
    cache = new PrincipalCache()
    asked = 0
  })
  afterEach(() => {
    jest.useRealTimers()
  })

  /** Answers with what is known at the time of the question, after a while. */
  const answering = (admission: Admission | undefined, takesMs = 0) => {
    return async () => {
      asked++
      if (takesMs > 0) await new Promise((resolve) => setTimeout(resolve, takesMs))
      return admission
    }
  }

  it('lasts five seconds', async () => {
    await cache.of('key', answering(ADA))
    jest.advanceTimersByTime(4_999)
    expect(await cache.of('key', answering(undefined))).toBe(ADA.principal)
    jest.advanceTimersByTime(1)
    expect(await cache.of('key', answering(undefined))).toBeUndefined()
    expect(asked).toBe(2)
  })

  it('counts its five seconds from the question, not from the answer', async () => {
    const slow = cache.of('key', answering(ADA, 3_000))
    await jest.advanceTimersByTimeAsync(3_000)
    expect(await slow).toBe(ADA.principal)
    jest.advanceTimersByTime(1_999)
    expect(await cache.of('key', answering(undefined))).toBe(ADA.principal)
    jest.advanceTimersByTime(1)
    expect(await cache.of('key', answering(undefined))).toBeUndefined()
  })

  it('ends with the token', async () => {
    await cache.of('token', answering({ ...ADA, goodForMs: 700 }))
    jest.advanceTimersByTime(699)
    expect(await cache.of('token', answering(undefined))).toBe(ADA.principal)
    jest.advanceTimersByTime(1)
    expect(await cache.of('token', answering(undefined))).toBeUndefined()
  })

  it('keeps nothing of credentials that are not valid', async () => {
    expect(await cache.of('key', answering(undefined))).toBeUndefined()
    expect(await cache.of('key', answering(ADA))).toBe(ADA.principal)
  })

  it('is gone at once for credentials that are to be forgotten, and for no others', async () => {
    await cache.of('one', answering(ADA))
    await cache.of('other', answering(ADA))
    cache.forget('one')
    expect(await cache.of('one', answering(undefined))).toBeUndefined()
    expect(await cache.of('other', answering(undefined))).toBe(ADA.principal)
  })

  it('takes up no answer that crossed a revocation', async () => {
    const crossing = cache.of('token', answering(ADA, 100))
    cache.forget('token')
    await jest.advanceTimersByTimeAsync(100)
    await crossing
    expect(await cache.of('token', answering(undefined))).toBeUndefined()
  })

  it('is not prolonged by an older answer that arrives later', async () => {
    const older = cache.of('token', answering(ADA, 2_000))
    await jest.advanceTimersByTimeAsync(1_000)
    expect(await cache.of('token', answering(undefined))).toBeUndefined()
    await jest.advanceTimersByTimeAsync(1_000)
    await older
    await jest.advanceTimersByTimeAsync(3_000)
    expect(await cache.of('token', answering(undefined))).toBeUndefined()
  })

  it('holds on to nothing when the question fails', async () => {
    await expect(cache.of('key', () => Promise.reject(new Error('away')))).rejects.toThrow('away')
    expect(await cache.of('key', answering(undefined))).toBeUndefined()
  })
})
