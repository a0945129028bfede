import { setTimeout as pause } from 'node:timers/promises'
import { type Random } from '../random.js'
import { type Project } from '../stage/stage.js'
import { type ApiClient } from './api-client.js'
import { type BulkRequest, type Fate, type History, type SentRow } from './history.js'
import { type Phase } from './phase.js'

/** So few customers that requests meet all the time. */
export const CUSTOMERS = 400
/** More wait for nobody; fewer would leave workers idle. */
const MOST_OPEN = 4
const PAUSE_MS = 20
/** A request is given this long to be accepted, and no fault lasts so long. */
const PATIENCE_MS = 120_000

/** Posts bulk requests of one project, one after the other; some of its requests overlap with the other client's. */
export class BulkClient {
  #sent = 0

  constructor(
    private readonly name: string,
    private readonly project: Project,
    private readonly client: ApiClient,
    private readonly history: History,
    private readonly random: Random,
  ) {}

  /** Posts for as long as there is to be load, and at least so many. */
  async run(phase: Phase, least: number): Promise<void> {
    while (phase.isBusy || (this.#sent < least && !phase.isOver)) {
      if (this.#open() < MOST_OPEN) await this.#post()
      else await pause(PAUSE_MS)
    }
  }

  #open(): number {
    return this.history
      .bulksOf(this.project)
      .filter(({ actionId, endedAt }) => actionId !== undefined && endedAt === undefined).length
  }

  async #post(): Promise<void> {
    const name = `${this.name}-${this.#sent++}`
    const rows = this.#makeRows(name)
    const request: BulkRequest = {
      kind: 'bulk',
      name,
      project: this.project,
      rows: rows.map(({ row }) => row),
      fates: rows.map(({ fate }) => fate),
      sentAt: performance.now(),
      isKeyed: !this.random.isOneIn(5),
      seen: [],
    }
    this.history.bulks.push(request)
    const headers: Record<string, string> = request.isKeyed ? { 'Idempotency-Key': name } : {}
    const call = { method: 'POST', path: '/v1/customers/bulk/async', body: request.rows, headers }
    const answer = request.isKeyed
      ? await this.client.insist(call, performance.now() + PATIENCE_MS)
      : await this.client.ask(call)
    if (answer === undefined) return
    if (answer.status === 429 || answer.status === 409) {
      request.isRefused = true
      return
    }
    if (answer.status !== 202) {
      this.history.complain(`${name} was answered ${answer.status}: ${answer.text}`)
      return
    }
    request.acceptedAt = performance.now()
    request.actionId = String(answer.body['async_action_id'])
    await this.#lookAtOnce(request)
  }

  /** Whoever has its id can see it: at the other API, too, because calls go to both in turn. */
  async #lookAtOnce({ name, actionId }: BulkRequest): Promise<void> {
    const answer = await this.client.try({ path: `/v1/async-actions/${actionId ?? ''}` })
    if (answer && answer.status !== 200)
      this.history.complain(`${name} was accepted, and is answered ${answer.status} at once`)
  }

  #makeRows(name: string): { row: SentRow; fate: Fate }[] {
    const count = this.random.isOneIn(20) ? 0 : this.random.between(1, 250)
    // Nothing but what happens to the action itself tells whether such a request was carried out twice.
    const isBarren = this.random.isOneIn(6)
    const poisoned = this.random.isOneIn(30) ? this.random.between(0, count - 1) : -1
    return Array.from({ length: count }, (_, index) => {
      const row = {
        source_id: `c-${this.random.between(1, CUSTOMERS)}`,
        name: stampOf(name, index),
        metadata: { [name]: index },
      }
      if (index === poisoned) return { row: { ...row, source_id: `poison-${name}` }, fate: 'given up' }
      if (isBarren || this.random.isOneIn(40)) return { row: { ...row, name: 5 }, fate: 'refused' }
      return { row, fate: 'applied' }
    })
  }
}

/** The name that a row gives its customer: each is another's, so that none can be without effect. */
export const stampOf = (request: string, row: number): string => `${request}#${row}`
