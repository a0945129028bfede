import { rmSync } from 'node:fs'
import { Redis } from 'ioredis'
import { type DataFolder } from '../../src/launcher/data-folder/data-folder.js'
import { EmbeddedRedis } from '../../src/launcher/redis/embedded-redis.js'
import { findRedis } from '../../src/launcher/redis/find-redis.js'
import { hasEnded } from '../../src/launcher/data-folder/processes.js'
import { makeFolder } from '../support/servers.js'

describe('embedded Redis', () => {
  let folder: DataFolder
  let server: EmbeddedRedis

  beforeAll(async () => {
    folder = makeFolder()
    server = await open()
    await server.start()
  })

  afterAll(async () => {
    await server.stop()
    rmSync(folder.path, { recursive: true, force: true })
  })

  it('wants a password and never evicts', async () => {
    expect(await ask(server.url, (redis) => redis.config('GET', 'maxmemory-policy'))).toEqual([
      'maxmemory-policy',
      'noeviction',
    ])
    const open = new URL(server.url)
    open.password = ''
    await expect(ask(open.href, (redis) => redis.ping())).rejects.toThrow(/NOAUTH/)
  })

  it('is taken over by the next start when it outlived the last', async () => {
    const next = await open()
    await next.start()
    expect(next.pid).toBe(server.pid)
    expect(next.url).toBe(server.url)
  })

  it('comes back at the same address after kill -9', async () => {
    const { pid, url } = server
    if (pid === undefined) throw new Error('not started')
    process.kill(pid, 'SIGKILL')
    await hasEnded({ pid, mark: folder.path }, 60_000)
    expect(server.isRunning()).toBe(false)
    await server.start()
    expect(server.url).toBe(url)
    expect(await ask(url, (redis) => redis.ping())).toBe('PONG')
  })

  async function open(): Promise<EmbeddedRedis> {
    const say = (line: string) => {
      console.error(line)
    }
    return new EmbeddedRedis({ binary: await findRedis({ env: process.env, say }), folder, say })
  }

  async function ask<T>(url: string, question: (redis: Redis) => Promise<T>): Promise<T> {
    const redis = new Redis(url, { lazyConnect: true, retryStrategy: () => null, enableReadyCheck: false })
    redis.on('error', () => undefined) // told by the call below
    try {
      await redis.connect()
      return await question(redis)
    } finally {
      redis.disconnect()
    }
  }
})
