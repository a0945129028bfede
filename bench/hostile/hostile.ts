import { say } from '../../rig/program.js'
import { same } from '../checks.js'
import { type Context, type Findings } from '../context.js'
import { EventLoop } from '../awake/event-loop.js'
import { makePayload } from '../payloads.js'
import { single } from '../report/figures.js'
import { line, megabytes } from '../report/format.js'
import { type Project, type Rollcall, withRollcall } from '../system/rollcall.js'
import { type HostileBody, hostileBodies } from './bodies.js'
import { timeWorstTexts } from './worst-texts.js'

const LONGEST_DELAY_MS = 50
const MOST_GROWTH = 150_000_000

interface Taken {
  readonly name: string
  readonly status: number
  readonly milliseconds: number
  /** How long the event loop of the API was not free at most, in milliseconds. */
  readonly delay: number
  /** How much more memory (PSS) the API took at most, in bytes. */
  readonly growth: number
}

/** What bodies of the largest size that nobody means well with cost an API, and texts a validator. */
export async function measureHostile(context: Context): Promise<Findings> {
  const eventLoop = new EventLoop(context.servers.folder)
  const options = { name: 'bench_hostile', apiEnv: eventLoop.env }
  const taken = await withRollcall(context, options, (rollcall) => sendAll(context, rollcall, eventLoop))
  const texts = timeWorstTexts(context.clone, context.options.bytes)
  const worst = {
    delay: Math.max(...taken.map(({ delay }) => delay)),
    growth: Math.max(...taken.map(({ growth }) => growth)),
    text: Math.max(...texts.map(({ milliseconds }) => milliseconds)),
  }
  return {
    text: [
      `Bodies of ${megabytes(context.options.bytes)} that nobody means well with`,
      line('', 'answer', 'event loop not free at most', 'memory (PSS) more at most'),
      ...taken.map(({ name, status, milliseconds, delay, growth }) =>
        line(name, `${status} after ${ms(milliseconds)}`, ms(delay), megabytes(growth)),
      ),
      line(
        'at most; wanted',
        '',
        `${ms(worst.delay)}; ${ms(LONGEST_DELAY_MS)}`,
        `${megabytes(worst.growth)}; ${megabytes(MOST_GROWTH)}`,
      ),
      '',
      'The worst texts for those who look at them',
      ...texts.map(({ name, milliseconds }) => line(name, ms(milliseconds))),
    ].join('\n'),
    figures: [
      single('hostile bodies: event loop not free at most', 'ms', worst.delay),
      single('hostile bodies: memory of the API, growth at most', 'bytes', worst.growth),
      single('hostile texts: slowest', 'ms', worst.text),
    ],
    details: { taken, texts },
  }
}

async function sendAll({ options }: Context, rollcall: Rollcall, eventLoop: EventLoop): Promise<Taken[]> {
  const project = await rollcall.addProject('Hostile')
  // So that what is measured is what bodies take, and not what a fresh process takes.
  await rollcall.run(project, makePayload('typical', options.bytes).bodies.new)
  const taken: Taken[] = []
  for (const body of hostileBodies(options.bytes)) {
    say(body.name)
    taken.push(await send(rollcall, project, eventLoop, body))
  }
  return taken
}

async function send(
  rollcall: Rollcall,
  project: Project,
  eventLoop: EventLoop,
  { name, path, type, body }: HostileBody,
): Promise<Taken> {
  const before = rollcall.processes.watchMemory()().api
  const peak = rollcall.processes.watchMemory()
  await eventLoop.delays() // forgets what was before
  const began = performance.now()
  const { status, text } = await project.http.post(path, body, type)
  const milliseconds = performance.now() - began
  await project.http.get('/health/live') // the loop has come round, and has told how late it was
  const { max: delay } = await eventLoop.delays()
  const growth = peak().api - before
  if (status === 202) {
    const { async_action_id: id } = JSON.parse(text) as { async_action_id: string }
    same('the end of what was accepted', (await rollcall.finished(project, id)).status, 'DONE')
  }
  same(`a 5xx for ${name}`, status >= 500 ? text : undefined, undefined)
  return { name, status, milliseconds, delay, growth }
}

const ms = (value: number): string => `${value.toFixed(1)} ms`
