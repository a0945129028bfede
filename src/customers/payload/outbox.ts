import { type MessagePort } from 'node:worker_threads'
import { type CutMessage } from './payload-cutter.js'

/**
 * Packed bytes that may lie between the thread and who stores them. More than any request has by itself, so that a
 * thread is free for the next one as soon as it can be; one that stands for far more than it is, and cannot be packed
 * well, has to wait.
 */
const MAX_UNREAD = 16_777_216

/** Hands messages to the other side of a port, no faster than it takes them. */
export class Outbox {
  isClosed = false
  private unread = 0
  private wake: () => void = () => undefined

  constructor(private readonly port: MessagePort) {
    port.on('message', (taken: number) => {
      this.unread -= taken
      this.wake()
    })
    port.on('close', () => {
      this.isClosed = true
      this.wake()
    })
  }

  /** Gives `bytes` over with the message, without a copy; resolves when there is room for more. */
  async send(message: CutMessage, bytes: Uint8Array): Promise<void> {
    this.unread += bytes.byteLength
    this.end(message, bytes)
    while (this.unread > MAX_UNREAD && !this.isClosed) {
      await new Promise<void>((resolve) => {
        this.wake = resolve
      })
    }
  }

  /** The same for the last one, which nothing has to wait for. */
  end(message: CutMessage, bytes: Uint8Array): void {
    this.port.postMessage(message, [bytes.buffer as ArrayBuffer])
  }
}
