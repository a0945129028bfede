import { setTimeout as pause } from 'node:timers/promises'
import { type Project } from '../stage/stage.js'
import { type Answer, type ApiClient } from './api-client.js'
import { type BulkRequest, type History } from './history.js'
import { type Phase } from './phase.js'

const PAUSE_MS = 20

interface Result {
  readonly done_count: number
  readonly failed_count: number
  readonly errors: readonly unknown[]
}

/** Asks after every action of a project until it has ended, and looks at once whether what it says is there. */
export class Watcher {
  constructor(
    private readonly project: Project,
    private readonly client: ApiClient,
    private readonly history: History,
  ) {}

  /** Goes on as long as `isPosting`, and until all that was accepted has ended. */
  async run(phase: Phase, isPosting: () => boolean): Promise<void> {
    while (!phase.isOver && (isPosting() || this.#open().length > 0)) {
      for (const request of this.#open()) await this.#look(request)
      await pause(PAUSE_MS)
    }
  }

  #open(): BulkRequest[] {
    return this.history
      .bulksOf(this.project)
      .filter(({ actionId, endedAt }) => actionId !== undefined && endedAt === undefined)
  }

  async #look(request: BulkRequest): Promise<void> {
    const path = `/v1/async-actions/${request.actionId ?? ''}`
    const answer = await this.client.try({ path })
    if (answer === undefined) return
    if (answer.status !== 200) {
      this.history.complain(`${request.name} was accepted, and ${path} answers ${answer.status}`)
      return
    }
    const { status, progress } = answer.body as { status: string; progress: number }
    request.seen.push({ status, progress })
    if (status !== 'DONE' && status !== 'FAILED') return
    request.endedAt = performance.now()
    await this.#lookAtEffect(request)
    this.#lookAtResult(request, answer)
    await this.#lookAtReport(request, answer)
  }

  #lookAtResult({ name, fates }: BulkRequest, { body }: Answer): void {
    const failed = fates.filter((fate) => fate !== 'applied').length
    const { done_count, failed_count, errors } = body['result'] as Result
    if (
      body['operation_status'] !== (failed === 0 ? 'SUCCESS' : 'FAILED') ||
      done_count !== fates.length - failed ||
      failed_count !== failed ||
      errors.length !== failed
    )
      this.history.complain(
        `${name} has ${fates.length} rows, ${failed} of them wrong, and says ${JSON.stringify({ ...body, result: { done_count, failed_count, errors: errors.length } })}`,
      )
  }

  /** What an action says it has done can be read: what it wrote into metadata nobody takes out again. */
  async #lookAtEffect({ name, rows, fates }: BulkRequest): Promise<void> {
    const index = fates.lastIndexOf('applied')
    const row = rows[index]
    if (row === undefined) return
    const answer = await this.client.try({ path: `/v1/customers/${row.source_id}` })
    const metadata = answer?.body['metadata'] as Record<string, number> | undefined
    if (answer && metadata?.[name] !== index)
      this.history.complain(`${name} is DONE, and its row ${index} cannot be read: ${answer.text}`)
  }

  async #lookAtReport(request: BulkRequest, { body }: Answer): Promise<void> {
    const { reports } = body['result'] as { reports: string[] }
    const { pathname, search } = new URL(reports[0] ?? '')
    const answer = await this.client.try({ path: pathname + search })
    if (answer?.status === 200) request.report = answer.text
    else if (answer) this.history.complain(`The report of ${request.name} is answered ${answer.status}`)
  }
}
