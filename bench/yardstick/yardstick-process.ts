/** A process of the yardstick's own, so that neither its memory nor its work is mixed with the bench's. */
import { makePayload, type Payload, type Phase, type Shape } from '../payloads.js'
import { type LimitName } from './limit.js'
import { Yardstick } from './yardstick.js'

const yardstick = new Yardstick()
const loaded: { payload?: Payload } = {}

/** What the bench may ask for; `yardstick-client.ts` asks. */
const tasks = {
  connect: (databaseUrl: string) => yardstick.connect(databaseUrl),
  load: (shape: Shape, bytes: number) => {
    loaded.payload = makePayload(shape, bytes)
  },
  fill: (customers: number) => yardstick.fill(customers),
  clear: () => yardstick.clear(),
  run: (limit: LimitName, phase: Phase) => yardstick.run(limit, payload(), phase),
  copy: () => yardstick.copy(payload()),
  count: (limit: LimitName) => yardstick.count(limit),
  cpu: () => {
    const { user, system } = process.cpuUsage()
    return (user + system) / 1e6
  },
}

export type Tasks = typeof tasks

function payload(): Payload {
  if (loaded.payload === undefined) throw new Error('No payload is loaded')
  return loaded.payload
}

async function answer({ task, parameters }: { task: keyof Tasks; parameters: unknown[] }): Promise<void> {
  try {
    const result = await (tasks[task] as (...all: unknown[]) => unknown)(...parameters)
    process.send?.({ result })
  } catch (error) {
    process.send?.({ error: (error as Error).message })
  }
}

process.on('message', (request: Parameters<typeof answer>[0]) => void answer(request))
// A Ctrl-C in the terminal reaches this process too; the bench decides when it ends.
process.on('SIGINT', () => undefined)
process.on('disconnect', () => process.exit())
