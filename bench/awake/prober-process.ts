/**
 * Sends GETs at a steady rate, whether the ones before were answered or not, in a process of its own: what the others
 * of the bench are doing shall not make an answer look late. Each latency counts from when the call was due.
 */
import { setTimeout as pause } from 'node:timers/promises'
import { HttpClient } from '../system/http-client.js'

export interface ProbeOrder {
  readonly baseUrl: string
  readonly headers: Record<string, string>
  readonly paths: readonly string[]
  readonly perSecond: number
}

export interface ProbeReport {
  /** Milliseconds from when each call was due to its answer, by path. */
  readonly latencies: Readonly<Record<string, readonly number[]>>
  /** Milliseconds that calls were sent too late: more than a few say that the machine is too busy to measure. */
  readonly lateness: readonly number[]
  /** Calls that were answered with anything but 200, by what it was. */
  readonly failures: readonly string[]
}

let stopped = false

async function probe({ baseUrl, headers, paths, perSecond }: ProbeOrder): Promise<ProbeReport> {
  const http = new HttpClient(baseUrl, headers)
  const latencies = Object.fromEntries(paths.map((path): [string, number[]] => [path, []]))
  const lateness: number[] = []
  const failures: string[] = []
  const call = async (path: string, due: number): Promise<void> => {
    try {
      const { status } = await http.get(path)
      if (status !== 200) failures.push(`${path} answered ${status}`)
    } catch (error) {
      failures.push(`${path}: ${(error as Error).message}`)
    }
    latencies[path]?.push(performance.now() - due)
  }
  const calls: Promise<void>[] = []
  const begin = performance.now()
  for (let number = 0; !stopped; number++) {
    const due = begin + (number * 1000) / perSecond
    const wait = due - performance.now()
    if (wait > 0) await pause(wait)
    lateness.push(Math.max(0, performance.now() - due))
    calls.push(call(paths[number % paths.length] ?? '/', due))
  }
  await Promise.all(calls)
  http.close()
  return { latencies, lateness, failures }
}

process.on('message', (message: ProbeOrder | 'stop') => {
  if (message === 'stop') stopped = true
  else void probe(message).then((report) => process.send?.(report))
})
// A Ctrl-C in the terminal reaches this process too; the bench decides when it ends.
process.on('SIGINT', () => undefined)
process.on('disconnect', () => process.exit())
