import { setTimeout as pause } from 'node:timers/promises'
import { type Project } from '../stage/stage.js'
import { type History } from './history.js'

const PATIENCE_MS = 30_000
/** Of a client that tries again. */
const PAUSE_MS = 50

export interface Answer {
  readonly status: number
  readonly text: string
  readonly body: Record<string, unknown>
}

export interface Call {
  readonly method?: string
  readonly path: string
  readonly body?: Buffer | object
  readonly headers?: Record<string, string>
}

/** Calls of one project, to either API in turn. What no client may ever see is a complaint. */
export class ApiClient {
  #turn = 0

  constructor(
    private readonly addresses: readonly string[],
    private readonly project: Project,
    private readonly history: History,
  ) {}

  /** One call; nothing when there was no answer, or one that says to try again. */
  async try(call: Call): Promise<Answer | undefined> {
    const answer = await this.ask(call)
    return answer?.status === 429 || answer?.status === 409 ? undefined : answer
  }

  /** One call; nothing when nobody knows what became of it. */
  async ask(call: Call): Promise<Answer | undefined> {
    const answer = await this.#send(call)
    this.history.count(answer?.status ?? 0)
    if (answer === undefined || answer.status === 503) return undefined
    if (answer.status >= 500)
      this.history.complain(
        `${call.method ?? 'GET'} ${call.path} was answered ${answer.status}: ${answer.text}`,
      )
    return answer
  }

  /** The same until there is an answer. */
  async insist(call: Call, deadline: number): Promise<Answer> {
    for (;;) {
      const answer = await this.try(call)
      if (answer) return answer
      if (performance.now() > deadline) throw new Error(`${call.path} was not answered in time.`)
      await pause(PAUSE_MS)
    }
  }

  async #send({ method = 'GET', path, body, headers }: Call): Promise<Answer | undefined> {
    const base = this.addresses[this.#turn++ % this.addresses.length] ?? ''
    const { appId, appToken } = this.project
    const answer = await received(
      fetch(base + path, {
        method,
        headers: {
          'X-App-Id': appId,
          'X-App-Token': appToken,
          ...(body && { 'Content-Type': 'application/json' }),
          ...headers,
        },
        ...(body && { body: Buffer.isBuffer(body) ? new Uint8Array(body) : JSON.stringify(body) }),
        signal: AbortSignal.timeout(PATIENCE_MS),
      }),
    )
    return answer && this.#read(`${method} ${path}`, answer)
  }

  #read(call: string, { status, headers, text }: Received): Answer {
    if ((status === 503 || status === 429) && !headers.has('Retry-After'))
      this.history.complain(`${call}: a ${status} does not say when to try again`)
    if (!headers.get('Content-Type')?.startsWith('application/json')) return { status, text, body: {} }
    try {
      return { status, text, body: JSON.parse(text) as Answer['body'] }
    } catch {
      this.history.complain(`${call} was answered ${status} with what is no JSON: ${text}`)
      return { status, text, body: {} }
    }
  }
}

interface Received {
  readonly status: number
  readonly headers: Headers
  readonly text: string
}

/** Nothing where the connection broke, which is what this is about. */
async function received(answer: Promise<Response>): Promise<Received | undefined> {
  try {
    const response = await answer
    return { status: response.status, headers: response.headers, text: await response.text() }
  } catch {
    return undefined
  }
}
