import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { setTimeout as pause } from 'node:timers/promises'

export type Role = 'api' | 'worker'

export interface MemberOptions {
  readonly name: string
  readonly role: Role
  readonly main: string
  readonly env: NodeJS.ProcessEnv
  /** Options of Node itself. */
  readonly nodeOptions: string
  /** What starts the program: nothing, or what puts it on a host of its own. */
  readonly prefix: readonly string[]
  readonly say: (line: string) => void
}

/** How a process ended that nobody had asked to. */
export interface Surprise {
  readonly member: string
  readonly ending: number | string
}

/** As fast as any supervisor. */
const PAUSE_MS = 20
/** What takes longer to end than it may, is ended: the bench has seen it by then, where it looks. */
const LONGEST_STOP_MS = 12_000

/** One process under test. It is started again whenever it ends, as whoever runs it would. */
export class Member {
  readonly surprises: Surprise[] = []
  #process: ChildProcess | undefined
  #url = ''
  #isServing = false
  #isKilled = false
  #mayDie = false
  #isStopped = false
  #life: Promise<void> = Promise.resolve()
  #ready: Promise<void> = Promise.resolve()

  constructor(private readonly options: MemberOptions) {}

  get name(): string {
    return this.options.name
  }

  get role(): Role {
    return this.options.role
  }

  /** Where it listens; that of its last start. */
  get url(): string {
    return this.#url
  }

  get pid(): number | undefined {
    return this.#process?.pid
  }

  /** Resolves when it serves; rejects when it ends instead. */
  async start(): Promise<void> {
    this.#life = this.#live()
    await this.#ready
    if (this.#url === '') throw new Error(`${this.name} could not start; its log says why.`)
  }

  /** Tells what was loaded into the process (by `nodeOptions`) what to do. */
  tell(inside: string, order: object): void {
    const child = this.#process
    if (child?.connected) child.send({ inside, ...order }, () => undefined) // it may have ended meanwhile
  }

  /** Tells it to die or freeze at some point, which it may never come to; at none, from now on. */
  stopAt(point: string | undefined): void {
    if (point !== undefined) this.#mayDie = true
    this.tell('point', { at: point })
  }

  /** Whether it is stopped by a signal. */
  get isFrozen(): boolean {
    try {
      return /\) T/.test(readFileSync(`/proc/${String(this.pid)}/stat`, 'utf8'))
    } catch {
      return false // it has just ended
    }
  }

  kill(): void {
    this.#isKilled = true
    this.#process?.kill('SIGKILL')
  }

  pause(): void {
    this.#process?.kill('SIGSTOP')
  }

  resume(): void {
    this.#process?.kill('SIGCONT')
  }

  /** Whether it has come up, and listens for being asked to end. */
  get isServing(): boolean {
    return this.#isServing
  }

  /** Asks it to end, as an operator does; resolves with how it did and how long it took. */
  async terminate(): Promise<{ ending: number | string; ms: number }> {
    const child = this.#process
    if (child === undefined || hasEnded(child)) return { ending: 0, ms: 0 }
    const began = performance.now()
    this.#isKilled = true
    child.kill('SIGTERM')
    const [code, signal] = (await once(child, 'exit')) as [number | null, string | null]
    return { ending: code ?? signal ?? 'unknown', ms: performance.now() - began }
  }

  /** Resolves when it serves; again, if it was just killed. */
  async isReady(): Promise<void> {
    while ((this.#isKilled || !this.#isServing) && !this.#isStopped) await pause(PAUSE_MS)
  }

  /** Ends it for good. */
  async stop(): Promise<void> {
    this.#isStopped = true
    this.#process?.kill('SIGCONT')
    this.#process?.kill('SIGTERM')
    const patience = setTimeout(() => this.#process?.kill('SIGKILL'), LONGEST_STOP_MS)
    await this.#life
    clearTimeout(patience)
  }

  async #live(): Promise<void> {
    while (!this.#hasStopped()) {
      const ending = await this.#end(this.#spawn())
      if (this.#hasStopped()) return
      if (!this.#isKilled && !this.#mayDie) this.surprises.push({ member: this.name, ending })
      await pause(PAUSE_MS)
    }
  }

  #hasStopped(): boolean {
    return this.#isStopped
  }

  async #end(child: ChildProcess): Promise<number | string> {
    const [code, signal] = (await once(child, 'exit')) as [number | null, string | null]
    return code ?? signal ?? 'unknown'
  }

  #spawn(): ChildProcess {
    const { prefix, main, env, role, nodeOptions } = this.options
    const command = [...prefix, process.execPath, main, role]
    const child = spawn(command[0] ?? '', command.slice(1), {
      env: { ...env, ROLE: role, NODE_OPTIONS: nodeOptions },
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    })
    this.#process = child
    this.#isServing = this.#isKilled = this.#mayDie = false
    for (const stream of [child.stdout, child.stderr]) stream?.on('data', this.#sayAll)
    this.#ready = new Promise((resolve) => {
      child.on('message', (message: { type?: string; url?: string }) => {
        if (message.type === 'safe') this.#mayDie = false
        if (message.type !== 'ready') return
        this.#url = message.url ?? ''
        this.#isServing = true
        resolve()
      })
      const end = (): void => {
        this.#isServing = false
        resolve()
      }
      child.once('exit', end)
      child.once('error', (error) => {
        this.options.say(`${this.name} could not be run: ${error.message}`)
        end()
      })
    })
    return child
  }

  readonly #sayAll = (text: Buffer): void => {
    for (const line of text.toString().split('\n')) if (line !== '') this.options.say(`${this.name}: ${line}`)
  }
}

const hasEnded = (child: ChildProcess): boolean => child.exitCode !== null || child.signalCode !== null
