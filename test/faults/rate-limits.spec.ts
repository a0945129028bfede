import { Logger } from '@nestjs/common'
import { impatientRedis, type ImpatientRedis } from '../../src/queue/index.js'
import { SharedCounter } from '../../src/rate-limits/shared-counter.js'
import { eventually, Rollcall } from '../support/rollcall.js'
import { startRedis, type TestRedis } from '../support/servers.js'

describe('Calls are counted', () => {
  let redis: TestRedis
  const connections: ImpatientRedis[] = []
  const warn = jest.spyOn(Logger.prototype, 'warn').mockImplementation()
  const log = jest.spyOn(Logger.prototype, 'log').mockImplementation()

  beforeEach(async () => {
    redis = await startRedis()
    warn.mockClear()
    log.mockClear()
  })
  afterEach(async () => {
    for (const connection of connections.splice(0)) connection.disconnect()
    redis.resume()
    await redis.stop()
  })

  /** The counter of a process of its own. */
  const counter = async () => {
    const connection = impatientRedis(redis.url)
    connections.push(connection)
    await connection.connect()
    return new SharedCounter('api_calls', 10, 60, connection)
  }
  const take = async (from: SharedCounter, times: number) => {
    const counted: number[] = []
    for (let n = 0; n < times; n++) counted.push((await from.count('project')).calls)
    return counted
  }
  const timed = async <T>(work: Promise<T>): Promise<[T, number]> => {
    const start = performance.now()
    return [await work, performance.now() - start]
  }

  it('together while Redis is there', async () => {
    const [one, other] = [await counter(), await counter()]
    expect(await take(one, 2)).toEqual([1, 2])
    expect(await take(other, 2)).toEqual([3, 4])
    expect(warn).not.toHaveBeenCalled()
  })

  it('by each process alone while Redis is away, which is said once, and together again when it is back', async () => {
    const [one, other] = [await counter(), await counter()]
    await take(one, 3)
    redis.kill()
    await eventually('both have noticed', async () => {
      await Promise.all([one.count('noticed'), other.count('noticed')])
      return warn.mock.calls.length === 2 ? true : undefined
    })
    // Each goes on from what it last heard.
    expect(await take(one, 9)).toEqual([4, 5, 6, 7, 8, 9, 10, 11, 12])
    expect(await take(other, 1)).toEqual([1])
    expect(warn).toHaveBeenCalledTimes(2)
    expect(warn.mock.calls[0]?.[0]).toMatch(
      /^Redis is away; each process counts api_calls by itself meanwhile: /,
    )
    await redis.restart()
    await eventually('both are back', async () => {
      await Promise.all([one.count('back'), other.count('back')])
      return log.mock.calls.length === 2 ? true : undefined
    })
    expect(await take(one, 2)).toEqual([1, 2])
    expect(await take(other, 1)).toEqual([3])
    expect(log).toHaveBeenCalledWith('Redis is back; api_calls are counted together again.')
  })

  it('in memory when Redis hangs, after half a second, and from then on at once', async () => {
    const one = await counter()
    await take(one, 3)
    redis.pause()
    const [first, firstTook] = await timed(one.count('project'))
    const [next, nextTook] = await timed(one.count('project'))
    expect([first.calls, next.calls]).toEqual([4, 5])
    expect(firstTook).toBeGreaterThanOrEqual(499)
    expect(firstTook).toBeLessThan(5_000)
    expect(nextTook).toBeLessThan(400)
    expect(warn).toHaveBeenCalledTimes(1)
    redis.resume()
    await eventually('Redis is asked again', async () => {
      await one.count('back')
      return log.mock.calls.length === 1 ? true : undefined
    })
  })

  it('with one call alone that asks a Redis that hangs again', async () => {
    const one = await counter()
    const [connection] = connections
    if (connection === undefined) throw new Error('There is no connection.')
    redis.pause()
    await one.count('project')
    const sent = jest.spyOn(connection, 'sendCommand')
    const askedAtOnce = async () => {
      sent.mockClear()
      await Promise.all(Array.from({ length: 5 }, () => one.count('project')))
      return sent.mock.calls.length
    }
    const asked = await eventually('Redis is asked again', async () => (await askedAtOnce()) || undefined, 30)
    expect(asked).toBe(1)
  })

  it('after Redis forgot its scripts and its data', async () => {
    const one = await counter()
    await take(one, 3)
    const keeper = impatientRedis(redis.url)
    connections.push(keeper)
    await keeper.connect()
    await keeper.flushall()
    await keeper.script('FLUSH')
    expect(await take(one, 2)).toEqual([1, 2])
    expect(warn).not.toHaveBeenCalled()
  })
})

describe('An API with a limit', () => {
  const answersOf = (rollcall: Rollcall, count: number) =>
    Promise.all(Array.from({ length: count }, () => rollcall.call('GET', '/v1/async-actions')))
  const succeeded = (answers: { status: number }[]) => answers.filter(({ status }) => status === 200).length

  it('goes on when Redis ends in its midst, and holds to the limit by itself', async () => {
    const redis = await startRedis()
    const env = { RATE_LIMIT_PER_MINUTE: '20' }
    const rollcall = await Rollcall.start({ workers: 0, redisUrl: redis.url, env })
    try {
      expect(succeeded(await answersOf(rollcall, 15))).toBe(15)
      redis.kill()
      const answers = await answersOf(rollcall, 50)
      expect(answers.map(({ status }) => status)).toEqual(expect.arrayContaining([200, 429]))
      expect(answers.filter(({ status }) => status >= 500)).toEqual([])
      expect(succeeded(answers)).toBe(5)
      for (const { headers } of answers) expect(headers.get('x-rate-limit-limit')).toBe('20')
    } finally {
      await rollcall.stop()
      await redis.stop()
    }
  })

  it('starts without its Redis, and without any', async () => {
    for (const redisUrl of ['redis://127.0.0.1:1', null]) {
      const rollcall = await Rollcall.start({ workers: 0, redisUrl, env: { RATE_LIMIT_PER_MINUTE: '20' } })
      try {
        expect(succeeded(await answersOf(rollcall, 50))).toBe(20)
      } finally {
        await rollcall.stop()
      }
    }
  })
})
