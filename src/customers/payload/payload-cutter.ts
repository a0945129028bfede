import { Injectable, type OnApplicationShutdown } from '@nestjs/common'
import { on } from 'node:events'
import { join } from 'node:path'
import { MessageChannel, type MessagePort } from 'node:worker_threads'
import { Piscina } from 'piscina'
import { type PayloadChunk } from '../../async-actions/index.js'
import { Settings } from '../../config/index.js'
import { invalidPayload } from '../../kernel/index.js'
import { type PayloadFormat } from './cutters.js'

export interface CutTask {
  readonly format: PayloadFormat
  readonly bytes: Uint8Array
  readonly chunkBytes: number
  /** Takes {@link CutMessage}s. */
  readonly port: MessagePort
}

export type CutMessage =
  { readonly chunk: PayloadChunk } | { readonly end: true } | { readonly refusal: string }

/** Parsing 10 MB takes the better part of 100 ms: threads do it, so that the API goes on answering. */
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
   * Checks and cuts a request, giving out each chunk as soon as it is cut. Throws the 400 of a wrong envelope when
   * it gets there. Takes the bytes over: the caller can no longer read them.
   */
  async *cut(format: PayloadFormat, bytes: Uint8Array): AsyncGenerator<PayloadChunk> {
    const { port1, port2 } = new MessageChannel()
    const failure = new AbortController()
    const task: CutTask = { format, bytes, chunkBytes: this.settings.chunkBytes, port: port2 }
    const running = this.threads
      .run(task, { transferList: [bytes.buffer as ArrayBuffer, port2] })
      .catch((error: unknown) => {
        failure.abort(error)
      })
    try {
      for await (const message of messagesOf(port1, failure.signal)) {
        if ('refusal' in message) throw invalidPayload(message.refusal)
        if ('end' in message) return
        yield message.chunk
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

async function* messagesOf(port: MessagePort, signal: AbortSignal): AsyncGenerator<CutMessage> {
  for await (const [message] of on(port, 'message', { signal })) yield message as CutMessage
}
