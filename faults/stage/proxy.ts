import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'

export interface Address {
  readonly host: string
  readonly port: number
}

/**
 * What a network can do to a COMMIT: PostgreSQL carries it out, and its answer is lost with the connection; or the
 * connection breaks for the one who sent it, and it arrives some time after that.
 */
export type CommitFate = 'ordinary' | 'answer lost' | 'late'

const COMMIT = 'COMMIT\0'
/** A statement that records events is told by its name, once PostgreSQL was told what it is; that is the same everywhere. */
const RECORDS = 'INTO events'
const RECORDING = /rollcall_[0-9a-f]{32}(?=\0[^\0]*INTO events)/g
const recording = new Set<string>()
/** Time enough to connect anew and to begin again. */
const LATE_MS = 300

/** Every way a network can be between two processes: a small TCP proxy that can be told to misbehave. */
export class Proxy {
  readonly #pairs = new Set<Pair>()
  readonly #server: Server
  #delayMs = 0
  #open = true
  #thawed: Promise<void> = Promise.resolve()
  #thaw: () => void = () => undefined
  #nextCommit: CommitFate = 'ordinary'

  private constructor(private readonly target: () => Address) {
    this.#server = createServer((client) => {
      if (this.#open) void this.#connect(client)
      else client.destroy()
    })
  }

  /** Leads to wherever `target` names when a connection comes in. */
  static async open(target: () => Address, host = '127.0.0.1'): Promise<Proxy> {
    const proxy = new Proxy(target)
    proxy.#server.listen(0, host)
    await once(proxy.#server, 'listening')
    return proxy
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port
  }

  /** Ends all connections there are; new ones may come. */
  cut(): void {
    for (const pair of this.#pairs) pair.destroy()
  }

  /** As when the other host is gone: what is there ends, and nothing new gets through. */
  refuse(): void {
    this.#open = false
    this.cut()
  }

  /** Each piece takes so long, in either direction. */
  slow(delayMs: number): void {
    this.#delayMs = delayMs
  }

  /** Half-opened: connections stand, and are even taken, but nothing comes through. */
  freeze(): void {
    this.#thawed = new Promise((resolve) => (this.#thaw = resolve))
  }

  /** What becomes of the next COMMIT of events that comes by. */
  disturbCommit(fate: CommitFate): void {
    this.#nextCommit = fate
  }

  /** Whether one has come by since. */
  get hasDisturbed(): boolean {
    return this.#nextCommit === 'ordinary'
  }

  /** As good as new, but for what was lost. */
  heal(): void {
    this.#open = true
    this.#delayMs = 0
    this.#nextCommit = 'ordinary'
    this.#thaw()
  }

  close(): void {
    this.#server.close()
    this.refuse()
    this.#thaw()
  }

  async #connect(client: Socket): Promise<void> {
    const pair = new Pair(client, connect({ ...this.target(), noDelay: true }))
    this.#pairs.add(pair)
    await Promise.all([
      this.#pump(pair, pair.client, pair.server),
      this.#pump(pair, pair.server, pair.client),
    ])
    this.#pairs.delete(pair)
  }

  /** Passes on what comes from one side, as this network now is. That one side breaks off ends both. */
  async #pump(pair: Pair, from: Socket, to: Socket): Promise<void> {
    try {
      for await (const piece of from as AsyncIterable<Buffer>) {
        await this.#thawed
        if (this.#delayMs > 0) await pause(this.#delayMs)
        if (from === pair.client) this.#notice(pair, piece)
        if (piece.includes(COMMIT) && !(await this.#passesCommit(pair, from))) break
        if (!to.write(piece)) await hasRoom(to)
        // A COMMIT that comes late: PostgreSQL must get to read it.
        if (from.destroyed) await once(to, 'close')
      }
      if (!pair.isLosing) return void to.end()
    } catch {
      // Whoever was on the other side learns of it by the end of the connection.
    }
    pair.destroy()
  }

  #notice(pair: Pair, piece: Buffer): void {
    if (piece.includes(RECORDS))
      for (const [name] of piece.toString('latin1').matchAll(RECORDING)) recording.add(name)
    if (this.#nextCommit === 'ordinary') return
    for (const name of recording) if (piece.includes(name)) pair.isRecording = true
  }

  /** False for the answer that is to be lost. */
  async #passesCommit(pair: Pair, from: Socket): Promise<boolean> {
    if (from === pair.server) return !pair.isLosing
    const fate = pair.isRecording ? this.#nextCommit : 'ordinary'
    if (pair.isRecording) this.#nextCommit = 'ordinary'
    pair.isRecording = false
    if (fate === 'answer lost') pair.isLosing = true
    if (fate === 'late') {
      pair.isLosing = true
      pair.client.destroy()
      await pause(LATE_MS)
    }
    return true
  }
}

/** One connection through the proxy. */
class Pair {
  /** The answer to a COMMIT goes nowhere. */
  isLosing = false
  /** Events are being recorded by its transaction. */
  isRecording = false

  constructor(
    readonly client: Socket,
    readonly server: Socket,
  ) {
    client.setNoDelay(true)
    for (const socket of [client, server]) socket.on('error', () => undefined) // its pump says so
  }

  destroy(): void {
    this.client.destroy()
    this.server.destroy()
  }
}

/** Or will never have. */
async function hasRoom(socket: Socket): Promise<void> {
  const either = new AbortController()
  const { signal } = either
  await Promise.race([once(socket, 'drain', { signal }), once(socket, 'close', { signal })])
  either.abort()
}
