import { pack, RequestError } from '../../kernel/index.js'
import { BEHIND, stepBack } from '../../priority/index.js'
import { CUTTERS } from './cutters.js'
import { Outbox } from './outbox.js'
import { type CutTask } from './payload-cutter.js'

stepBack(BEHIND.thread)

/** Entry of the threads: chunks are handed over as soon as they are cut and packed, errors cross as data. */
export default async function cut({ format, bytes, limits, port }: CutTask): Promise<void> {
  const outbox = new Outbox(port)
  try {
    for (const { rows, ...extent } of CUTTERS[format](bytes, limits)) {
      const packed = pack(rows)
      await outbox.send({ chunk: { ...extent, packed } }, packed)
      if (outbox.isClosed) return
    }
    outbox.end({ spent: bytes }, bytes)
  } catch (error) {
    if (!(error instanceof RequestError)) throw error
    const { status, key, message, details } = error
    outbox.end({ spent: bytes, refusal: { status, key, message, details } }, bytes)
  }
}
