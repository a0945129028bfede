import { createHash } from 'node:crypto'
import { dumpOf } from '../support/dump.js'
import {
  type Action,
  type Answer,
  type CallOptions,
  eventually,
  type ReportLine,
  Rollcall,
} from '../support/rollcall.js'

export const BULK = '/v1/customers/bulk/async'
export const LARGEST_BODY = 10_485_760

/** An answer of the one shape that errors have. */
export interface Refusal {
  readonly status: number
  readonly key?: string
  readonly details?: string | RegExp
}

/** What became of one row of a request whose other row is as good as any. */
export interface Fate {
  readonly line: ReportLine
  readonly action: Action
  /** The customer that the row names, if it is there. */
  readonly customer: Record<string, unknown> | undefined
}

type Sent = Pick<Answer, 'status' | 'headers' | 'text'>

/** A Rollcall to be abused: every refusal has to leave it as it was. */
export class Stage {
  private rows = 0

  private constructor(readonly rollcall: Rollcall) {}

  static async start(env: Record<string, string> = {}): Promise<Stage> {
    return new Stage(await Rollcall.start({ env }))
  }

  stop(): Promise<void> {
    return this.rollcall.stop()
  }

  call(method: string, path: string, options: CallOptions = {}): Promise<Answer> {
    return this.rollcall.call(method, path, options)
  }

  post(body: unknown, headers: Record<string, string> = {}): Promise<Answer> {
    return this.call('POST', BULK, { body, headers })
  }

  /** Nothing is stored, the answer is what it has to be, and the process lives on. */
  async expectRefused(send: () => Promise<Sent>, { status, key, details }: Refusal): Promise<Sent> {
    const before = await this.contents()
    const { apiPid } = this.rollcall
    const answer = await send()
    expect([answer.status, answer.text]).toEqual([status, expect.any(String)])
    const body = answer.text === '' ? {} : (JSON.parse(answer.text) as Record<string, unknown>)
    if (key !== undefined)
      expect([body['code'], body['key'], answer.text]).toEqual([status, key, answer.text])
    if (details !== undefined) expect(body['details']).toEqual(matching(details))
    expect(answer.text).not.toMatch(/SELECT|INSERT|node_modules|\.ts:\d|\.js:\d| at \w+ \(/)
    await this.expectUnchanged(before)
    expect(this.rollcall.apiPid).toBe(apiPid)
    return answer
  }

  /** A fingerprint of every row that is stored, once the rows of actions that have ended are gone. */
  async contents(): Promise<string[]> {
    const query = <R extends object>(sql: string) => this.rollcall.query<R>(sql)
    await eventually('no rows wait', async () => {
      const waiting = await query('SELECT FROM async_action_payloads LIMIT 1')
      return waiting.length === 0 || undefined
    })
    const rows = await dumpOf(query)
    return rows.map((row) => `${row.split(' ', 1)[0] ?? ''} ${hash('sha1', row)}`).sort()
  }

  async expectUnchanged(before: string[]): Promise<void> {
    expect(await this.contents()).toEqual(before)
    expect((await this.call('GET', '/v1/async-actions?limit=1')).status).toBe(200)
  }

  /** A `source_id` that no other test has. */
  id(): string {
    return `row-${this.rows++}`
  }

  /** Sends rows as JSON text or values, and follows them to the end; a row of our own stands behind them. */
  async outcomes(...rows: unknown[]): Promise<{ lines: ReportLine[]; action: Action }> {
    const neighbour = { source_id: this.id(), name: 'neighbour' }
    const texts = [...rows, neighbour].map((row) => (typeof row === 'string' ? row : JSON.stringify(row)))
    const answer = await this.post(`[${texts.join(',')}]`)
    expect([answer.status, answer.text]).toEqual([202, expect.any(String)])
    const action = await this.rollcall.finished(String(answer.body['async_action_id']))
    expect(action.status).toBe('DONE')
    const lines = await this.rollcall.report(action)
    expect(lines).toHaveLength(texts.length)
    expect(lines.at(-1)).toMatchObject({ source_id: neighbour.source_id, found: 'false', updated: 'true' })
    return { lines: lines.slice(0, -1), action }
  }

  /** The same for one row. */
  async fateOf(row: unknown): Promise<Fate> {
    const { lines, action } = await this.outcomes(row)
    const [line] = lines
    if (line === undefined) throw new Error('The row has no line in the report.')
    const parsed = (typeof row === 'string' ? JSON.parse(row) : row) as { source_id: string }
    const found = await this.call('GET', `/v1/customers/${encodeURIComponent(parsed.source_id)}`)
    return { line, action, customer: found.status === 200 ? found.body : undefined }
  }

  /** The row fails by itself, for this reason, and leaves no customer. */
  async expectRowRefused(row: unknown, key: string, details?: string | RegExp): Promise<void> {
    const { line, action, customer } = await this.fateOf(row)
    expect(line).toMatchObject({ found: 'false', updated: 'false', key })
    if (details !== undefined) expect(line.details).toEqual(matching(details))
    expect(action.result).toMatchObject({ done_count: 1, failed_count: 1 })
    expect(customer).toBeUndefined()
  }

  /** The row takes effect, and the customer shows exactly this. */
  async expectApplied(row: unknown, shown: Record<string, unknown>): Promise<Fate> {
    const fate = await this.fateOf(row)
    expect(fate.line).toMatchObject({ updated: 'true', key: '' })
    expect(fate.customer).toMatchObject(shown)
    return fate
  }
}

const hash = (algorithm: string, text: string): string => createHash(algorithm).update(text).digest('hex')

const matching = (expected: string | RegExp): unknown =>
  typeof expected === 'string' ? expected : (expect.stringMatching(expected) as unknown)
