import * as fc from 'fast-check'
import { type MadeUp, requestFor } from './arbitraries/request.js'
import { type OpenApi, type Operation, operationsOf } from './document.js'
import { Judge } from './judge/judge.js'
import { changesBetween, lookAt, type State } from './judge/state.js'
import { Tally } from './report/tally.js'
import { type Answer, exchange, toCurl, type Wire } from './stage/client.js'
import { Correspondent } from './stage/correspondent.js'
import { type Stage } from './stage/stage.js'

/** Requests for each operation in a round: what is learned from one operation is soon of use to the others. */
const REQUESTS_PER_ROUND = 25

/** A request that is answered wrongly, the smallest of its kind that was found. */
export interface Failure {
  readonly route: string
  readonly seed: number
  readonly path: string
  readonly problems: readonly string[]
  readonly curl: string
}

interface Round {
  /** Where in the round to begin. */
  readonly path?: string | undefined
  /** Whether it is enough that something was found, however large. */
  readonly isHunt?: boolean
}

class Wrong extends Error {
  constructor(
    readonly problems: readonly string[],
    readonly curl: string,
  ) {
    super(problems.join('; '))
  }
}

/** Makes up requests, sends one after the other, and looks at what became of each. */
export class Fuzzer {
  readonly tally = new Tally()
  #state: State = {}

  private constructor(
    private readonly stage: Stage,
    private readonly document: OpenApi,
    private readonly judge: Judge,
    private readonly correspondent: Correspondent,
  ) {}

  static async of(stage: Stage): Promise<Fuzzer> {
    const headers = { Accept: 'application/json' }
    const { body } = await exchange(stage.base, {
      method: 'GET',
      path: '/openapi.json',
      headers,
      body: undefined,
    })
    const document = JSON.parse(body) as OpenApi
    const fuzzer = new Fuzzer(stage, document, new Judge(document), await Correspondent.of(stage))
    await fuzzer.#look()
    return fuzzer
  }

  operations(route?: string): Operation[] {
    const all = operationsOf(this.document)
    const chosen = all.filter(({ name }) => route === undefined || name === route)
    if (chosen.length === 0)
      throw new Error(
        `The document has no ${route ?? 'operation'}; it has\n  ${all.map(({ name }) => name).join('\n  ')}`,
      )
    return chosen
  }

  /** Some requests for an operation; resolves with the first that is answered wrongly, made as small as it can be. */
  async round(
    operation: Operation,
    seed: number,
    { path, isHunt = false }: Round = {},
  ): Promise<Failure | undefined> {
    const property = fc.asyncProperty(requestFor(this.document, operation), (request) =>
      this.#tryOut(request),
    )
    const details = await fc.check(property, {
      seed,
      numRuns: REQUESTS_PER_ROUND,
      endOnFailure: isHunt,
      ...(path !== undefined && { path }),
    })
    if (!details.failed) return undefined
    const { errorInstance: error, counterexamplePath } = details
    if (!(error instanceof Wrong)) throw error
    return {
      route: operation.name,
      seed,
      path: counterexamplePath ?? '',
      problems: error.problems,
      curl: error.curl,
    }
  }

  async #tryOut(request: MadeUp): Promise<void> {
    await this.correspondent.prepare()
    await this.#look()
    const before = this.#state
    const wire = this.correspondent.wireOf(request)
    const problems = await this.#problemsOf(request, wire, before)
    if (problems.length > 0) throw new Wrong(problems, toCurl(this.stage.base, wire))
  }

  async #problemsOf(request: MadeUp, wire: Wire, before: State): Promise<string[]> {
    let answer: Answer
    try {
      answer = await exchange(this.stage.base, wire)
    } catch (error) {
      await this.stage.api.isReady()
      return [`there is none: ${(error as Error).message}`, ...this.stage.ended]
    }
    this.tally.add(request.operation.name, answer)
    const problems = this.judge.problemsOf(request, answer)
    problems.push(...(await this.correspondent.learn(request, answer)), ...this.stage.ended)
    await this.#look()
    const changes = answer.status < 400 ? [] : changesBetween(before, this.#state)
    return [...problems, ...changes.map((change) => `it is refused, yet ${change}`)]
  }

  async #look(): Promise<void> {
    this.#state = await lookAt(this.stage.admin)
  }
}
