import { Injectable } from '@nestjs/common'
import { type AsyncAction } from '../async-action.repository.js'
import { ChunkReader, type ReadChunk } from './chunk-reader.js'
import { ChunkRunner, type Turn } from './chunk-runner.js'
import { type Lane } from './lanes.js'

/** Which chunks of an action are to be run. */
export interface ChunkRange {
  readonly from: number
  readonly end: number
}

/**
 * Runs chunks so that reading, deciding and writing overlap: while one chunk is written, the next is applied in a
 * transaction of its own and the one after it is read. They commit strictly in turn. Two chunks at a time keep
 * PostgreSQL and this process busy; a third would only take memory.
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
    stop: AbortSignal,
    onCommit: () => void,
  ): Promise<void> {
    let reading = this.readAhead(action, from)
    let earlier: Turn = Promise.resolve(action)
    let latest: Turn = earlier
    let keys = new Set<string>()
    try {
      for (let chunk = from; chunk < end && !stop.aborted; chunk++) {
        const read = await reading
        if (chunk + 1 < end) reading = this.readAhead(action, chunk + 1)
        const nextKeys = new Set(read.handler.keysOf(read.rows))
        await (sharesAny(keys, nextKeys) ? latest : earlier)
        keys = nextKeys
        earlier = latest
        latest = watched(this.chunks.run(lane, latest, read))
        void latest.then(onCommit, ignore)
      }
      await latest
    } finally {
      await Promise.allSettled([earlier, latest, reading])
    }
  }

  private readAhead(action: AsyncAction, chunk: number): Promise<ReadChunk> {
    return watched(this.reader.read(action, chunk))
  }
}

function sharesAny(one: ReadonlySet<string>, other: ReadonlySet<string>): boolean {
  for (const key of other) if (one.has(key)) return true
  return false
}

const ignore = (): void => undefined

/** Is awaited only later: until then a failure must not count as unhandled. */
function watched<T>(promise: Promise<T>): Promise<T> {
  promise.catch(ignore)
  return promise
}
