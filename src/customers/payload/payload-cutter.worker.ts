import { RequestError } from '../../kernel/index.js'
import { CUTTERS } from './cutters.js'
import { type CutMessage, type CutTask } from './payload-cutter.js'

/** Entry of the threads: chunks are handed over as soon as they are cut, errors cross as data. */
export default function cut({ format, bytes, chunkBytes, port }: CutTask): void {
  const send = (message: CutMessage, transfer: ArrayBuffer[] = []): void => {
    port.postMessage(message, transfer)
  }
  try {
    for (const chunk of CUTTERS[format](bytes, chunkBytes))
      send({ chunk }, [chunk.rows.buffer as ArrayBuffer])
    send({ end: true })
  } catch (error) {
    if (!(error instanceof RequestError)) throw error
    send({ refusal: error.details ?? error.message })
  }
}
