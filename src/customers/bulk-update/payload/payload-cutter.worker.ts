import { RequestError } from '../../../kernel/index.js'
import { transferableSymbol, valueSymbol, move } from 'piscina'
import { cutPayload } from './cut-payload.js'
import { type CutAnswer, type CutTask } from './payload-cutter.js'

/** Entry of the threads: errors cross as data, buffers are handed over without a copy. */
export default function cut({ bytes, chunkBytes }: CutTask): unknown {
  const answer = tryToCut(bytes, chunkBytes)
  const buffers = 'payload' in answer ? answer.payload.chunks.map(({ rows }) => rows.buffer) : []
  return move({ [transferableSymbol]: buffers, [valueSymbol]: answer })
}

function tryToCut(bytes: Uint8Array, chunkBytes: number): CutAnswer {
  try {
    return { payload: cutPayload(bytes, chunkBytes) }
  } catch (error) {
    if (error instanceof RequestError) return { refusal: error.details ?? error.message }
    throw error
  }
}
