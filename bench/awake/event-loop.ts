import { connect } from 'node:net'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { type LoopDelays } from './event-loop-recorder.js'

/** The event loop of an API that was started with `env`. */
export class EventLoop {
  readonly #socket: string

  constructor(folder: string) {
    this.#socket = join(folder, 'event-loop.sock')
  }

  /** What the API is to be started with. */
  get env(): NodeJS.ProcessEnv {
    const recorder = JSON.stringify(join(__dirname, 'event-loop-recorder.js'))
    const others = process.env.NODE_OPTIONS ?? ''
    return {
      NODE_OPTIONS: `${others} --require ${recorder}`.trim(),
      BENCH_EVENT_LOOP_SOCKET: this.#socket,
    }
  }

  /** How late it was, in milliseconds, since this was last asked. */
  async delays(): Promise<LoopDelays> {
    return JSON.parse(await text(connect(this.#socket))) as LoopDelays
  }
}
