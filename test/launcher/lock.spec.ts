import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'

const USER = join(__dirname, 'lock-user.mjs')

describe('lock', () => {
  let folder: string
  const started: ChildProcess[] = []

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'rollcall-lock-'))
  })

  afterEach(() => {
    for (const child of started.splice(0)) child.kill('SIGKILL')
    rmSync(folder, { recursive: true, force: true })
  })

  it('names the holder to whoever else wants it', async () => {
    const holder = await hold()
    expect(await output('try')).toBe(`busy ${String(holder.pid)}`)
  })

  it('is free again once its holder was killed, and leaves nothing of it behind', async () => {
    const holder = await hold()
    holder.kill('SIGKILL')
    await once(holder, 'exit')
    expect(await output('try')).toBe('held')
    expect(readdirSync(folder).filter((name) => name.startsWith(`${String(holder.pid)}-`))).toEqual([])
  })

  it('does not mistake another process with the same id for the holder', async () => {
    const claim = {
      name: 'old',
      pid: process.pid,
      startedAt: '1',
      since: '2020-01-01T00:00:00.000Z',
      held: true,
    }
    writeFileSync(join(folder, 'old'), JSON.stringify(claim))
    expect(await output('try')).toBe('held')
  })

  it('lets one in at a time, also when all of them find a dead holder', async () => {
    const holder = await hold()
    holder.kill('SIGKILL')
    await once(holder, 'exit')
    const outputs = await Promise.all(Array.from({ length: 4 }, () => output('contend')))
    expect(outputs).toEqual(['done', 'done', 'done', 'done'])
  })

  it('is waited for in silence for a second; then the wait is told once', async () => {
    expect(await output('wait')).toBe('1000')
  })

  async function hold(): Promise<ChildProcess> {
    const holder = run('hold')
    if (holder.stdout) await once(holder.stdout, 'data')
    return holder
  }

  async function output(mode: string): Promise<string> {
    const { stdout } = run(mode)
    return stdout ? (await text(stdout)).trim() : ''
  }

  function run(mode: string): ChildProcess {
    const child = spawn(process.execPath, [USER, mode, folder], { stdio: ['ignore', 'pipe', 'inherit'] })
    started.push(child)
    return child
  }
})
