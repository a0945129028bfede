import { Injectable, type OnApplicationShutdown } from '@nestjs/common'
import { join } from 'node:path'
import { Piscina } from 'piscina'
import { type Payload } from '../../../async-actions/index.js'
import { Settings } from '../../../config/index.js'
import { invalidPayload } from '../../../kernel/index.js'

export interface CutTask {
  readonly bytes: Uint8Array
  readonly chunkBytes: number
}

export type CutAnswer = { readonly payload: Payload } | { readonly refusal: string }

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

  /** Checks and cuts a request; takes the bytes over, so that the caller can no longer read them. */
  async cut(bytes: Uint8Array): Promise<Payload> {
    const { chunkBytes } = this.settings
    const transferList = [bytes.buffer as ArrayBuffer]
    const answer = (await this.threads.run({ bytes, chunkBytes }, { transferList })) as CutAnswer
    if ('refusal' in answer) throw invalidPayload(answer.refusal)
    return answer.payload
  }

  async onApplicationShutdown(): Promise<void> {
    await this.threads.close()
  }
}
