/**
 * Loaded into the API by `--require`, so that its event loop is watched from inside without a line of this in the
 * product. Whoever connects to the socket is told, in milliseconds, what was found since the connection before.
 */
import { rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { type IntervalHistogram, monitorEventLoopDelay } from 'node:perf_hooks'
import { isMainThread } from 'node:worker_threads'

/** How often the loop is looked at; what is recorded is the time between two looks. */
const RESOLUTION_MS = 10

export interface LoopDelays {
  readonly p50: number
  readonly p99: number
  readonly max: number
}

const socket = process.env.BENCH_EVENT_LOOP_SOCKET
// Threads of the API load this too, and have nothing to tell.
if (socket !== undefined && isMainThread) listen(socket)

function listen(path: string): void {
  const histogram = monitorEventLoopDelay({ resolution: RESOLUTION_MS })
  histogram.enable()
  rmSync(path, { force: true })
  const server = createServer((connection) => {
    connection.on('error', () => undefined) // whoever asked is gone
    connection.end(JSON.stringify(delaysIn(histogram)))
    histogram.reset()
  })
  server.listen(path).unref()
}

function delaysIn(histogram: IntervalHistogram): LoopDelays {
  const delay = (nanoseconds: number): number => Math.max(0, nanoseconds / 1e6 - RESOLUTION_MS)
  return {
    p50: delay(histogram.percentile(50)),
    p99: delay(histogram.percentile(99)),
    max: delay(histogram.max),
  }
}
