import { type PackedChunk, type PayloadChunk } from '../../async-actions/index.js'
import { packAside, RequestError } from '../../kernel/index.js'
import { stepBack } from '../../priority/index.js'
import { CUTTERS } from './cutters.js'
import { Outbox } from './outbox.js'
import { type CutTask } from './payload-cutter.js'

/** Chunks that are packed while the next ones are cut: each takes as long to pack as two take to cut. */
const PACKED_AT_A_TIME = 2

stepBack()

/** Entry of the threads: chunks are handed over as soon as they are cut and packed, errors cross as data. */
export default async function cut(task: CutTask): Promise<void> {
  const { bytes, port } = task
  const outbox = new Outbox(port)
  try {
    for await (const chunk of packedChunks(task)) {
      await outbox.send({ chunk }, chunk.packed)
      if (outbox.isClosed) return
    }
    outbox.end({ spent: bytes }, bytes)
  } catch (error) {
    if (!(error instanceof RequestError)) throw error
    const { status, key, message, details } = error
    outbox.end({ spent: bytes, refusal: { status, key, message, details } }, bytes)
  }
}

/** In their order. */
async function* packedChunks({ format, bytes, limits }: CutTask): AsyncGenerator<PackedChunk> {
  const packing: Promise<PackedChunk>[] = []
  try {
    for (const chunk of CUTTERS[format](bytes, limits)) {
      packing.push(packed(chunk))
      if (packing.length > PACKED_AT_A_TIME) yield* packing.splice(0, 1)
    }
    yield* packing
  } finally {
    await Promise.allSettled(packing)
  }
}

async function packed({ rows, ...extent }: PayloadChunk): Promise<PackedChunk> {
  return { ...extent, packed: await packAside(rows) }
}
