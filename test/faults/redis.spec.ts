import { once } from 'node:events'
import { Redis } from 'ioredis'
import { expectInvariants } from '../support/invariants.js'
import { eventually, Rollcall } from '../support/rollcall.js'
import { startRedis, type TestRedis } from '../support/servers.js'

const customers = (revision: number, count = 2_000) =>
  Array.from({ length: count }, (_, n) => ({ source_id: `c-${n}`, metadata: { revision } }))

describe('Redis', () => {
  let redis: TestRedis
  let rollcall: Rollcall

  beforeEach(async () => {
    redis = await startRedis()
    rollcall = await Rollcall.start({ workers: 2, redisUrl: redis.url, env: { CHUNK_BYTES: '3000' } })
  })
  afterEach(async () => {
    try {
      await rollcall.stop()
    } finally {
      await redis.stop()
    }
  })

  const expectAllDone = async (ids: string[]) => {
    for (const id of ids) {
      expect(await rollcall.finished(id)).toMatchObject({ status: 'DONE', result: { done_count: 2_000 } })
    }
    await expectInvariants(rollcall)
  }

  it('flushed again and again in the middle of the work loses nothing', async () => {
    const client = new Redis(redis.url)
    try {
      const ids: string[] = []
      for (let revision = 0; revision < 8; revision++) {
        ids.push(await rollcall.bulk(customers(revision)))
        await client.flushall()
      }
      await expectAllDone(ids)
    } finally {
      client.disconnect()
    }
  })

  it('killed, away and back again loses nothing, and requests are accepted meanwhile', async () => {
    const ids = [await rollcall.bulk(customers(0)), await rollcall.bulk(customers(1))]
    redis.kill()
    ids.push(await rollcall.bulk(customers(2)))
    await rollcall.finished(ids[2] ?? '')
    await redis.restart()
    ids.push(await rollcall.bulk(customers(3)))
    await expectAllDone(ids)
  })

  it.each([
    ['killed', 'kill', 'restart'],
    ['hanging', 'pause', 'resume'],
  ] as const)('%s while a worker ends does not keep it from ending well', async (_, harm, heal) => {
    const [worker, other] = rollcall.workers
    if (!worker || !other) throw new Error('There are not two workers.')
    await rollcall.killWorker(other)
    const watch = new Redis(redis.url)
    const id = await rollcall.bulk(customers(0))
    await eventually(
      'a job is being worked on',
      async () => (await watch.keys('*:active')).length || undefined,
    )
    watch.disconnect()
    redis[harm]()
    worker.kill('SIGTERM')
    const [code] = (await once(worker, 'exit')) as [number | null]
    expect(code).toBe(0)
    await redis[heal]()
    await rollcall.startWorker()
    await rollcall.startWorker()
    await expectAllDone([id])
  })
})

describe('without any Redis', () => {
  it('the whole job is done all the same', async () => {
    const rollcall = await Rollcall.start({ workers: 2, redisUrl: null, env: { POLL_INTERVAL_MS: '60000' } })
    try {
      for (let revision = 0; revision < 5; revision++) {
        const action = await rollcall.finished(await rollcall.bulk(customers(revision)))
        expect(action).toMatchObject({ status: 'DONE', result: { done_count: 2_000, failed_count: 0 } })
      }
      await expectInvariants(rollcall)
    } finally {
      await rollcall.stop()
    }
  })
})
