import { Injectable } from '@nestjs/common'
import { CHUNKS_IN_FLIGHT } from '../../config/index.js'
import { type AsyncAction } from '../async-action.repository.js'
import { ChunkReader, type ReadChunk } from './chunk-reader.js'
import { ChunkRunner, firstTurn, type Turn } from './chunk-runner.js'
import { type Lane } from './lanes.js'
import { watched } from './watched.js'

/** Which chunks of an action are to be run. */
export interface ChunkRange {
  readonly from: number
  readonly end: number
}

export interface PipelineOptions {
  /** Ends the run after the chunks at hand. */
  readonly stop: AbortSignal
  /** Other writers were faster before: lock what is to be changed. */
  readonly contended: boolean
  /** Called after each chunk that took effect. */
  readonly onProgress: () => void
}

/** A chunk in a transaction of its own that has not ended, and what it touches. */
interface InFlight {
  readonly done: Promise<unknown>
  readonly keys: ReadonlySet<string>
}

/**
 * Runs chunks so that reading, deciding and writing overlap: while one chunk is finished, the next are applied, each
 * in a transaction of its own, and the one after them is read. They commit strictly in turn.
 *
 * Each is read when the one before is under way, and no sooner, because rows that wait are copied by each garbage
 * collection: with one chunk more waiting 111,669 lean customers took a worker 0.86 s of CPU instead of 0.69 (new) and
 * 1.28 s instead of 1.09 (changed), medians of ten; typical ones took as long.
 */
@Injectable()
export class ChunkPipeline {
  constructor(
    private readonly reader: ChunkReader,
    private readonly chunks: ChunkRunner,
  ) {}

  /** Resolves when all have committed, or when `stop` was heeded; rejects with the first error, nothing left open. */
  async run(
    lane: Lane,
    action: AsyncAction,
    { from, end }: ChunkRange,
    { stop, contended, onProgress }: PipelineOptions,
  ): Promise<void> {
    const readAhead = (chunk: number): Promise<ReadChunk> =>
      watched(this.reader.read(action, chunk, contended))
    let reading: Promise<ReadChunk> | undefined = readAhead(from)
    let turn = firstTurn(action)
    const inFlight: InFlight[] = []
    try {
      for (let chunk = from; reading !== undefined && !stop.aborted; chunk++) {
        turn = await this.start(lane, turn, reading, inFlight)
        void turn.done.then(onProgress, ignore)
        reading = chunk + 1 < end ? readAhead(chunk + 1) : undefined
      }
      await turn.done
    } finally {
      await Promise.allSettled([reading, ...inFlight.map(({ done }) => done)])
    }
  }

  /** Starts a chunk as soon as it has been read and there is room for it. Its rows are not held here any longer then. */
  private async start(
    lane: Lane,
    before: Turn,
    reading: Promise<ReadChunk>,
    inFlight: InFlight[],
  ): Promise<Turn> {
    const read = await inTurn(reading, before.done)
    const keys = new Set(read.handler.keysOf(read.rows))
    await makeRoom(inFlight, keys)
    const turn = this.chunks.run(lane, before, read)
    inFlight.push({ done: turn.done, keys })
    return turn
  }
}

/**
 * That a chunk cannot be read matters only after the chunks before it: one of them that failed is tried again first,
 * and what they do takes effect.
 */
async function inTurn(reading: Promise<ReadChunk>, before: Promise<unknown>): Promise<ReadChunk> {
  try {
    return await reading
  } catch (error) {
    await before
    throw error
  }
}

/** Waits for the earliest chunks until there is room for one more, and none is left that shares a key with it. */
async function makeRoom(inFlight: InFlight[], keys: ReadonlySet<string>): Promise<void> {
  while (inFlight.length >= CHUNKS_IN_FLIGHT || inFlight.some((earlier) => sharesAny(earlier.keys, keys))) {
    await inFlight[0]?.done
    inFlight.shift()
  }
}

function sharesAny(one: ReadonlySet<string>, other: ReadonlySet<string>): boolean {
  for (const key of other) if (one.has(key)) return true
  return false
}

const ignore = (): void => undefined
