import { BOUNDARY, type MadeUp, type WayIn } from '../arbitraries/request.js'
import { type Answer, exchange, type Wire } from './client.js'
import { fieldOf, Known } from './known.js'
import { type Stage } from './stage.js'

const JSON_TYPE = { 'Content-Type': 'application/json' }
const FORM_TYPE = { 'Content-Type': 'application/x-www-form-urlencoded' }
/** Of an action that nothing holds up. */
const LONGEST_ACTION_MS = 30_000

type Headers = Readonly<Record<string, string>>

/** Knows what is there: fills it into requests that were made up, and learns from their answers. */
export class Correspondent {
  readonly #known = new Known()
  readonly #tokens: { everything: string; otherScope: Record<'customers' | 'async-actions', string> }

  private constructor(
    private readonly stage: Stage,
    tokens: readonly [string, string, string],
  ) {
    const [everything, customers, asyncActions] = tokens
    this.#tokens = { everything, otherScope: { customers, 'async-actions': asyncActions } }
    this.#known.addToken(everything)
  }

  static async of(stage: Stage): Promise<Correspondent> {
    const tokenFor = async (scope: string): Promise<string> => {
      const body = `grant_type=client_credentials&scope=${scope}`
      const headers = { ...keysOf(stage), ...FORM_TYPE }
      const answer = await exchange(stage.base, { method: 'POST', path: '/v1/oauth/token', headers, body })
      return fieldOf(answer, 'access_token') ?? ''
    }
    return new Correspondent(stage, [
      await tokenFor('api'),
      await tokenFor('customers'),
      await tokenFor('async-actions'),
    ])
  }

  /** Sees to it that there is somebody to ask for. */
  async prepare(): Promise<void> {
    if (this.#known.hasCustomers) return
    const source = `known-${Date.now()}`
    const body = JSON.stringify([{ source_id: source, name: 'Known' }])
    const headers = { ...keysOf(this.stage), ...JSON_TYPE }
    const answer = await exchange(this.stage.base, {
      method: 'POST',
      path: '/v1/customers/bulk/async',
      headers,
      body,
    })
    await this.#await(fieldOf(answer, 'async_action_id') ?? '')
    this.#known.addCustomer(source)
  }

  wireOf(request: MadeUp): Wire {
    const { operation, wayIn, which } = request
    const path = operation.path.replace(/\{(\w+)\}/g, (_, name: string) =>
      // Without anything it were another path.
      encoded(this.#known.valueOf(request, name, request.path[name] ?? '') || ' '),
    )
    const query = request.query.map(
      ([name, value]) => `${encoded(name)}=${encoded(this.#known.valueOf(request, name, value))}`,
    )
    const headers = { ...request.headers, ...this.#credentials(wayIn, operation.path) }
    if (headers['Content-Type'] === 'multipart/form-data') headers['Content-Type'] += `; boundary=${BOUNDARY}`
    const body = request.body === 'token=KNOWN' ? `token=${this.#known.token(which)}` : request.body
    return {
      method: operation.method,
      path: [path, ...(query.length > 0 ? [query.join('&')] : [])].join('?'),
      headers,
      body,
    }
  }

  /** Takes note of what the request made or removed; resolves with what is wrong with it. */
  async learn(request: MadeUp, answer: Answer): Promise<string[]> {
    if (answer.status >= 300) return []
    const { method, path } = request.operation
    const named = this.#known.valueOf(request, 'customerId', request.path['customerId'] ?? '')
    if (method === 'DELETE' || path.endsWith('/permanent-deletion')) this.#known.forgetCustomer(named)
    if (method === 'POST' && path === '/v1/customers') this.#known.addCustomer(fieldOf(answer, 'id') ?? '')
    if (path === '/v1/oauth/token') this.#known.addToken(fieldOf(answer, 'access_token') ?? '')
    return answer.status === 202 ? this.#await(fieldOf(answer, 'async_action_id') ?? '') : []
  }

  /** Until the action has ended, so that nothing else changes meanwhile. */
  async #await(id: string): Promise<string[]> {
    const deadline = performance.now() + LONGEST_ACTION_MS
    for (;;) {
      const path = `/v1/async-actions/${id}`
      const answer = await exchange(this.stage.base, {
        method: 'GET',
        path,
        headers: keysOf(this.stage),
        body: undefined,
      })
      const status = fieldOf(answer, 'status')
      if (status === 'DONE' || status === 'FAILED') return this.#learnAction(id, answer)
      if (performance.now() > deadline)
        return [`its action is ${status ?? 'nowhere'} after ${LONGEST_ACTION_MS} ms`]
    }
  }

  #learnAction(id: string, { body }: Answer): string[] {
    const { status, result } = JSON.parse(body) as { status: string; result?: { reports?: string[] } }
    const link = result?.reports?.[0]
    this.#known.addAction({
      id,
      token: link === undefined ? undefined : (new URL(link).searchParams.get('token') ?? undefined),
    })
    if (status === 'FAILED') return ['its action ended FAILED']
    return body.includes('"internal_error"') ? ['the system failed on one of its rows'] : []
  }

  #credentials(wayIn: WayIn, path: string): Headers {
    const { appId, appToken } = this.stage.keys
    switch (wayIn) {
      case 'keys':
        return keysOf(this.stage)
      case 'basic':
        return { Authorization: `Basic ${Buffer.from(`${appId}:${appToken}`).toString('base64')}` }
      case 'token':
        return { Authorization: `Bearer ${this.#tokens.everything}` }
      case 'token without scope': {
        const other = path.startsWith('/v1/customers') ? 'async-actions' : 'customers'
        return { Authorization: `Bearer ${this.#tokens.otherScope[other]}` }
      }
      case 'wrong keys':
        return { 'X-App-Id': appId, 'X-App-Token': 'wrong' }
      case 'wrong token':
        return { Authorization: `Bearer ${'x'.repeat(50)}` }
      case 'nobody':
        return {}
    }
  }
}

const keysOf = ({ keys: { appId, appToken } }: Stage): Headers => ({
  'X-App-Id': appId,
  'X-App-Token': appToken,
})

/** As encodeURIComponent, but for halves of surrogate pairs, which it refuses. */
const encoded = (text: string): string => encodeURIComponent(Buffer.from(text).toString())
