import { type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as pause } from 'node:timers/promises'
import { send } from '../support/http.js'
import { expectInvariants } from '../support/invariants.js'
import { Rollcall } from '../support/rollcall.js'

/** As many as an ordinary client makes of one call. */
const TRIES = 3
/** What a stop is promised to take at most. */
const LONGEST_STOP_MS = 10_000

interface Process {
  readonly role: 'api' | 'worker'
  child: ChildProcess
  url: string
}

/** Calls either API in turn, and the other one when it gets no answer or a 503. */
class RetryingClient {
  answered = 0
  retried = 0
  readonly failed: string[] = []
  #turn = 0

  constructor(
    private readonly apis: readonly Process[],
    private readonly keys: Rollcall['keys'],
  ) {}

  async call(method: string, path: string, body?: unknown, key?: string): Promise<Record<string, unknown>> {
    const first = this.#turn++
    for (let attempt = 1; ; attempt++) {
      const { url = '' } = this.apis[(first + attempt) % this.apis.length] ?? {}
      const options = { keys: this.keys, body, headers: key === undefined ? {} : { 'Idempotency-Key': key } }
      // That nobody answers is what a client tries again for.
      const answer = await send(url, method, path, options).catch(() => undefined)
      if (answer !== undefined && answer.status < 300) {
        this.answered++
        return answer.body
      }
      if (attempt === TRIES) {
        this.failed.push(`${method} ${path}: ${answer ? `${answer.status} ${answer.text}` : 'no answer'}`)
        return {}
      }
      this.retried++
      await pause(100)
    }
  }
}

describe('Everything that is restarted, one process after the other, under load', () => {
  let rollcall: Rollcall
  let processes: Process[]

  beforeEach(async () => {
    rollcall = await Rollcall.start({ workers: 0, env: { CHUNK_BYTES: '4000' } })
    const start = async (role: Process['role']): Promise<Process> => ({
      role,
      ...(await rollcall.startProcess(role)),
    })
    processes = await Promise.all((['api', 'api', 'worker', 'worker'] as const).map(start))
  })
  afterEach(() => rollcall.stop())

  const customers = (request: number) =>
    Array.from({ length: 300 }, (_, n) => ({ source_id: `c-${n}`, metadata: { [`r${request}`]: n } }))

  /** Asks a process to end; when it has, another one takes its place. */
  async function restart(process: Process): Promise<void> {
    const began = performance.now()
    process.child.kill('SIGTERM')
    expect(await once(process.child, 'exit')).toEqual([0, null])
    expect(performance.now() - began).toBeLessThan(LONGEST_STOP_MS)
    Object.assign(process, await rollcall.startProcess(process.role))
  }

  it('fails no request that an ordinary retry does not save, and loses none', async () => {
    const apis = processes.filter(({ role }) => role === 'api')
    const client = new RetryingClient(apis, rollcall.keys)
    const accepted: string[] = []
    const restarted = new AbortController()
    const posting = (async () => {
      for (let request = 0; !restarted.signal.aborted; request++) {
        const body = await client.call(
          'POST',
          '/v1/customers/bulk/async',
          customers(request),
          `key-${request}`,
        )
        accepted.push(String(body['async_action_id']))
        await client.call('GET', `/v1/async-actions/${accepted.at(-1) ?? ''}`)
      }
    })()
    const writing = (async () => {
      for (let number = 0; !restarted.signal.aborted; number++)
        await client.call('POST', '/v1/customers', { source_id: `c-${number % 400}`, name: `name ${number}` })
    })()
    for (const process of processes) await restart(process)
    restarted.abort()
    await Promise.all([posting, writing])

    expect(client.failed).toEqual([])
    expect(client.answered).toBeGreaterThan(accepted.length)
    rollcall.base = apis[0]?.url ?? ''
    for (const id of accepted)
      expect(await rollcall.finished(id)).toMatchObject({ status: 'DONE', result: { done_count: 300 } })
    await expectInvariants(rollcall)
  })
})
