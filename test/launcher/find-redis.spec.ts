import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { libraryPackages } from '../../src/launcher/redis/apt-dependencies.js'
import { findRedis } from '../../src/launcher/redis/find-redis.js'

const WORKS = '#!/bin/sh\nexit 0\n'
const BROKEN = '#!/bin/sh\nexit 127\n'

describe('finding a Redis server', () => {
  let folder: string

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'rollcall-path-'))
  })

  afterEach(() => {
    rmSync(folder, { recursive: true })
  })

  it('prefers Valkey on the PATH to Redis', async () => {
    program('valkey-server', WORKS)
    program('redis-server', WORKS)
    expect(await find()).toEqual({ command: join(folder, 'valkey-server') })
  })

  it('passes over one that does not run', async () => {
    program('valkey-server', BROKEN)
    program('redis-server', WORKS)
    expect(await find()).toEqual({ command: join(folder, 'redis-server') })
  })

  it('says what is missing when there is nothing to fetch one with', async () => {
    await expect(find()).rejects.toThrow('no valkey-server or redis-server on the PATH, and no apt-get')
  })

  it('says why when fetching fails', async () => {
    for (const tool of ['apt-cache', 'dpkg']) program(tool, WORKS)
    program('apt-get', '#!/bin/sh\necho "E: no network" >&2\nexit 100\n')
    await expect(find()).rejects.toThrow('it could not be fetched: E: no network')
  })

  it('follows libraries only, takes the first of alternatives, and leaves what the system has', () => {
    const output = [
      'redis-server',
      '  Depends: lsb-base',
      '  Depends: redis-tools',
      'redis-tools',
      '  Depends: adduser',
      '  Depends: libc6',
      ' |Depends: libsystemd0',
      '  Depends: libelogind0',
      '  Depends: <libvirtual>',
      '    libother',
      'libsystemd0',
      '  PreDepends: libcap2',
      'lsb-base',
      '  Depends: libnever',
    ]
    expect(libraryPackages(output.join('\n'), 'redis-server')).toEqual(['libsystemd0', 'libcap2'])
  })

  function program(name: string, script: string): void {
    writeFileSync(join(folder, name), script, { mode: 0o755 })
  }

  function find() {
    return findRedis({ env: { PATH: folder, XDG_CACHE_HOME: join(folder, 'cache') }, say: () => undefined })
  }
})
