import { MessageChannel } from 'node:worker_threads'

/**
 * Gives memory back at once that nobody reads any more: what is sent to where nobody listens is gone. The garbage
 * collector comes to large buffers late. For the main thread alone: in a thread of a pool, which sleeps between its
 * tasks, the port would not be closed.
 */
export function discard({ buffer }: Uint8Array): void {
  if (!(buffer instanceof ArrayBuffer)) return
  const { port1, port2 } = new MessageChannel()
  port2.close()
  port1.postMessage(null, [buffer])
  port1.close()
}
