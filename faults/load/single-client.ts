import { setTimeout as pause } from 'node:timers/promises'
import { type Random } from '../random.js'
import { type Project } from '../stage/stage.js'
import { type ApiClient } from './api-client.js'
import { CUSTOMERS } from './bulk-client.js'
import { type History, type SingleWrite } from './history.js'
import { type Phase } from './phase.js'

const PAUSE_MS = 25

/** Writes single customers of a project beside its bulk requests: the same ones, without any turn. */
export class SingleClient {
  #sent = 0

  constructor(
    private readonly project: Project,
    private readonly client: ApiClient,
    private readonly history: History,
    private readonly random: Random,
  ) {}

  async run(phase: Phase): Promise<void> {
    while (phase.isBusy) {
      await this.#write()
      await pause(PAUSE_MS)
    }
  }

  async #write(): Promise<void> {
    const name = `p${this.project.number}s-${this.#sent++}`
    const sourceId = `c-${this.random.between(1, CUSTOMERS)}`
    const write: SingleWrite = {
      kind: 'single',
      name,
      project: this.project,
      sourceId,
      sentAt: performance.now(),
    }
    this.history.singles.push(write)
    const body = { source_id: sourceId, name, metadata: { [name]: 1 } }
    const isUpdate = this.random.isOneIn(3)
    const call = isUpdate
      ? { method: 'PUT', path: `/v1/customers/${sourceId}`, body }
      : { method: 'POST', path: '/v1/customers', body }
    const answer = await this.client.ask(call)
    if (answer === undefined) return
    if (answer.status === 429 || answer.status === 409 || (isUpdate && answer.status === 404)) {
      write.isRefused = true
      return
    }
    if (answer.status !== 200) {
      this.history.complain(`${name} was answered ${answer.status}: ${answer.text}`)
      return
    }
    write.acknowledgedAt = performance.now()
  }
}
