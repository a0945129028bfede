import { Injectable, type OnApplicationShutdown } from '@nestjs/common'
import { on } from 'node:events'
import { join } from 'node:path'
import { MessageChannel, type MessagePort } from 'node:worker_threads'
import { Piscina } from 'piscina'
import { type PackedChunk } from '../../async-actions/index.js'
import { Settings } from '../../config/index.js'
import { RequestError } from '../../kernel/index.js'
import { type CutLimits, type PayloadFormat } from './cutters.js'
import { discard } from './discard.js'

export interface CutTask {
  readonly format: PayloadFormat
  readonly bytes: Uint8Array
  readonly limits: CutLimits
  /** Takes {@link CutMessage}s; gives back how many bytes of them were taken. */
  readonly port: MessagePort
}

export type CutMessage =
  { readonly chunk: PackedChunk } | { readonly spent: Uint8Array; readonly refusal?: Refusal }

/** A {@link RequestError} on its way from the thread. */
type Refusal = Pick<RequestError, 'status' | 'key' | 'message' | 'details'>

/** To check, cut and pack 10 MB takes about 50 ms: threads do it, so that the API goes on answering. */
@Injectable()
export class PayloadCutter implements OnApplicationShutdown {
  private readonly threads = new Piscina({
    filename: join(__dirname, 'payload-cutter.worker.js'),
    minThreads: 1,
    maxThreads: 2,
    idleTimeout: 30_000,
  })

  constructor(private readonly settings: Settings) {}

  /**
   * Checks, cuts and packs a request, giving out each chunk as soon as it is packed; it lasts until the next is asked
   * for. Throws the 400 of a wrong envelope when it gets there. Takes the bytes over: the caller can no longer read
   * them.
   */
  async *cut(format: PayloadFormat, bytes: Uint8Array): AsyncGenerator<PackedChunk> {
    const { port1, port2 } = new MessageChannel()
    const failure = new AbortController()
    const { chunkBytes, maxStringLength } = this.settings
    const task: CutTask = { format, bytes, limits: { chunkBytes, maxStringLength }, port: port2 }
    const running = this.threads
      .run(task, { transferList: [bytes.buffer as ArrayBuffer, port2] })
      .catch((error: unknown) => {
        failure.abort(error)
      })
    try {
      for await (const message of messagesOf(port1, failure.signal)) {
        if ('spent' in message) {
          close(message)
          return
        }
        const { byteLength } = message.chunk.packed
        yield message.chunk
        discard(message.chunk.packed)
        port1.postMessage(byteLength)
      }
    } catch (error) {
      // The wait for messages was aborted; what matters is why the thread failed.
      throw failure.signal.aborted ? failure.signal.reason : error
    } finally {
      port1.close()
      await running
    }
  }

  async onApplicationShutdown(): Promise<void> {
    await this.threads.close()
  }
}

function close({ spent, refusal }: Extract<CutMessage, { spent: Uint8Array }>): void {
  discard(spent)
  if (refusal) throw toError(refusal)
}

const toError = ({ status, key, message, details }: Refusal): RequestError =>
  new RequestError(status, key, message, details)

async function* messagesOf(port: MessagePort, signal: AbortSignal): AsyncGenerator<CutMessage> {
  for await (const [message] of on(port, 'message', { signal })) yield message as CutMessage
}
