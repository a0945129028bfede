import { type ChildProcess, fork, spawn } from 'node:child_process'
import { once } from 'node:events'
import { type AddressInfo, createServer, type Server } from 'node:net'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { createDatabase, type TestDatabase } from '../support/servers.js'

const MAIN = join(__dirname, '..', '..', 'dist', 'main.js')

describe('one process without the launcher', () => {
  let database: TestDatabase
  let other: Server
  const started: ChildProcess[] = []

  beforeAll(async () => {
    database = await createDatabase()
    other = createServer().listen(0, '127.0.0.1')
    await once(other, 'listening')
  })

  afterAll(async () => {
    for (const child of started) child.kill('SIGKILL')
    other.close()
    await database.drop()
  })

  const portOfOther = () => String((other.address() as AddressInfo).port)

  it.each(['api', 'worker'])(
    'says in one line that the port is in use, and ends with 3: %s',
    async (role) => {
      const { code, said } = await outcome({ ROLE: role, PORT: portOfOther() })
      expect([code, said]).toEqual([
        3,
        `PORT=${portOfOther()} is in use on HOST=127.0.0.1. Set PORT to a free one.\n`,
      ])
    },
  )

  it('says in one line that it cannot listen on the host, and ends with 2', async () => {
    const { code, said } = await outcome({ HOST: '8.8.8.8' })
    expect(code).toBe(2)
    expect(said).toMatch(/^Cannot listen on HOST=8\.8\.8\.8: .*\n$/)
  })

  it('says where it listens', async () => {
    const child = spawn(process.execPath, [MAIN], {
      env: settingsOf({}),
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    started.push(child)
    const [line] = (await once(createInterface(child.stdout), 'line')) as [string]
    const { message } = JSON.parse(line) as { message: string }
    const address = /^Listens on (http:.+)\.$/.exec(message)?.[1] ?? message
    expect((await fetch(`${address}/health/ready`)).status).toBe(200)
  })

  it('is not ready on a database without a schema, and says what to do', async () => {
    const empty = new URL(database.url)
    empty.pathname = '/postgres'
    const child = run({ DATABASE_URL: empty.href })
    const [{ url }] = (await once(child, 'message')) as [{ url: string }]
    const answer = await fetch(`${url}/health/ready`)
    expect(answer.status).toBe(503)
    expect(await answer.json()).toMatchObject({
      key: 'service_unavailable',
      details: expect.stringMatching(/no schema yet: migrate it/) as string,
    })
    const call = await fetch(`${url}/v1/customers`, { headers: { 'X-App-Id': 'a', 'X-App-Token': 'b' } })
    expect([call.status, call.headers.get('retry-after')]).toEqual([503, '2'])
  })

  it('ends at once, and does not try again, when PostgreSQL refuses its login', async () => {
    const wrong = Object.assign(new URL(database.url), { password: 'wrong' }).href
    const { code, said } = await outcome({ DATABASE_URL: wrong })
    expect(code).toBe(1)
    expect(said).toMatch(/password authentication failed/)
    expect(said).not.toMatch(/Retrying/)
  })

  it('says that requests are refused for their credentials, and not of each', async () => {
    const child = run({})
    let said = ''
    child.stdout?.on('data', (text) => (said += String(text)))
    const [{ url }] = (await once(child, 'message')) as [{ url: string }]
    for (let request = 0; request < 5; request++) {
      const headers = { 'X-App-Id': 'nobody', 'X-App-Token': 'guessed' }
      expect((await fetch(`${url}/v1/customers`, { headers })).status).toBe(401)
    }
    child.kill('SIGTERM')
    await once(child, 'close')
    expect(said.match(/request\(s\) were answered 401/g)).toEqual(['request(s) were answered 401'])
    expect(said).not.toMatch(/guessed/)
  })

  it('that lost its launcher while it was still starting ends', async () => {
    const connected = once(other, 'connection')
    const child = run({ DATABASE_URL: `postgres://u:p@127.0.0.1:${portOfOther()}/silent` })
    await connected
    child.disconnect()
    expect(await once(child, 'exit')).toEqual([0, null])
  })

  async function outcome(settings: NodeJS.ProcessEnv): Promise<{ code: number | null; said: string }> {
    const child = run(settings)
    let said = ''
    for (const stream of [child.stdout, child.stderr]) stream?.on('data', (text) => (said += String(text)))
    const [code] = (await once(child, 'close')) as [number | null]
    return { code, said }
  }

  function settingsOf(settings: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
    return { PATH: process.env.PATH, ROLE: 'api', PORT: '0', DATABASE_URL: database.url, ...settings }
  }

  function run(settings: NodeJS.ProcessEnv): ChildProcess {
    const child = fork(MAIN, { env: settingsOf(settings), stdio: ['ignore', 'pipe', 'pipe', 'ipc'] })
    started.push(child)
    return child
  }
})
