import { say } from '../../rig/program.js'
import { checkAction, same } from '../checks.js'
import { type Context, type Findings } from '../context.js'
import { makePayload, type Payload } from '../payloads.js'
import { type Figure, single } from '../report/figures.js'
import { count, line } from '../report/format.js'
import { percentile } from '../statistics.js'
import { type Project, type Rollcall, withRollcall } from '../system/rollcall.js'
import { EventLoop } from './event-loop.js'
import { type LoopDelays } from './event-loop-recorder.js'
import { Prober } from './prober.js'
import { type ProbeReport } from './prober-process.js'

const CLIENTS = 5
const GETS_PER_SECOND = 50
const SOMEONE = 'someone'

interface Load {
  /** Milliseconds from sending a body to the 202, while all clients send at once. */
  readonly accepts: readonly number[]
  /** The same while one of them sends, and what all had sent is still being carried out. */
  readonly acceptsOfOne: readonly number[]
  readonly probes: ProbeReport
  readonly loop: LoopDelays
}

/** What each client sent, to be waited for. */
interface Sent {
  readonly project: Project
  readonly ids: readonly string[]
  readonly latencies: readonly number[]
}

/** Whether the API stays awake while clients send the largest bodies as fast as they can. */
export async function measureAwake(context: Context): Promise<Findings> {
  const { bytes, awakeSeconds } = context.options
  const eventLoop = new EventLoop(context.servers.folder)
  const prober = new Prober()
  context.stopList.add(() => {
    prober.stop()
  })
  const payload = makePayload('typical', bytes)
  const options = { name: 'bench_awake', apiEnv: eventLoop.env }
  try {
    const load = await withRollcall(context, options, (rollcall) =>
      putUnderLoad(rollcall, { eventLoop, prober, payload, milliseconds: awakeSeconds * 1000 }),
    )
    return findingsOf(load, awakeSeconds)
  } finally {
    prober.stop()
  }
}

async function putUnderLoad(
  rollcall: Rollcall,
  tools: { eventLoop: EventLoop; prober: Prober; payload: Payload; milliseconds: number },
): Promise<Load> {
  const { eventLoop, prober, payload, milliseconds } = tools
  const projects: Project[] = []
  for (let n = 1; n <= CLIENTS; n++) projects.push(await rollcall.addProject(`Client ${n}`))
  const [first] = projects
  if (first === undefined) throw new Error('There is no client.')
  await warmUp(rollcall, first, payload)
  await eventLoop.delays() // forgets what was before
  prober.start({
    baseUrl: rollcall.baseUrl,
    headers: first.http.headers,
    paths: ['/v1/async-actions', `/v1/customers/${SOMEONE}`, '/health/ready'],
    perSecond: GETS_PER_SECOND,
  })
  const sent = await Promise.all(projects.map((project) => sendFor(milliseconds, rollcall, project, payload)))
  const [probes, loop] = [await prober.finish(), await eventLoop.delays()]
  same('a GET that failed', probes.failures[0], undefined)
  const sentByOne = await sendFor(milliseconds / 2, rollcall, first, payload)
  await waitForAll(rollcall, [...sent, sentByOne], payload.rows)
  const accepts = sent.flatMap(({ latencies }) => latencies)
  return { accepts, acceptsOfOne: sentByOne.latencies, probes, loop }
}

/** The code of both processes has run once, and there is somebody to look up. */
async function warmUp(rollcall: Rollcall, project: Project, { bodies, rows }: Payload): Promise<void> {
  const body = Buffer.from(JSON.stringify([{ source_id: SOMEONE, name: 'Someone' }]))
  checkAction(rollcall, (await rollcall.run(project, body)).action, 1)
  checkAction(rollcall, (await rollcall.run(project, bodies.new)).action, rows)
}

/** One body after the other, each as soon as the one before was accepted. */
async function sendFor(
  milliseconds: number,
  rollcall: Rollcall,
  project: Project,
  { bodies }: Payload,
): Promise<Sent> {
  const until = performance.now() + milliseconds
  const ids: string[] = []
  const latencies: number[] = []
  while (performance.now() < until) {
    const begin = performance.now()
    ids.push(await rollcall.accept(project, ids.length % 2 === 0 ? bodies.new : bodies.changed))
    latencies.push(performance.now() - begin)
  }
  return { project, ids, latencies }
}

async function waitForAll(rollcall: Rollcall, sent: readonly Sent[], rows: number): Promise<void> {
  say(`${sent.flatMap(({ ids }) => ids).length} requests were accepted; waiting until all are carried out`)
  for (const { project, ids } of sent) {
    for (const id of ids) checkAction(rollcall, await rollcall.finished(project, id), rows)
  }
}

function findingsOf({ accepts, acceptsOfOne, probes, loop }: Load, seconds: number): Findings {
  const gets = Object.entries(probes.latencies)
  const all = gets.flatMap(([, latencies]) => latencies)
  const cells = (values: readonly number[]): string[] => [
    ms(percentile(values, 50)),
    ms(percentile(values, 99)),
    ms(Math.max(...values)),
    count(values.length),
  ]
  return {
    text: [
      `Latencies while ${CLIENTS} clients sent bodies one after another for ${seconds} s, ${GETS_PER_SECOND} GETs a second beside`,
      line('', 'p50', 'p99', 'highest', 'calls'),
      line('GET, all', ...cells(all)),
      ...gets.map(([path, latencies]) => line(`  GET ${path}`, ...cells(latencies))),
      line('POST to 202, all at once', ...cells(accepts)),
      line('POST to 202, then one alone', ...cells(acceptsOfOne)),
      line('event loop of the API, delay', ms(loop.p50), ms(loop.p99), ms(loop.max)),
      line('GETs sent too late by the bench', ...cells(probes.lateness)),
    ].join('\n'),
    figures: [
      ...latencyFigures('GET', all),
      ...latencyFigures(`POST to 202 of ${CLIENTS} clients at once`, accepts),
      ...latencyFigures('POST to 202 of one client', acceptsOfOne),
      fixed('awake, event loop of the API: p99', loop.p99),
      fixed('awake, event loop of the API: highest', loop.max),
    ],
    details: { accepts, acceptsOfOne, probes, loop },
  }
}

const latencyFigures = (name: string, values: readonly number[]): Figure[] => [
  fixed(`awake, ${name}: p50`, percentile(values, 50)),
  fixed(`awake, ${name}: p99`, percentile(values, 99)),
  fixed(`awake, ${name}: highest`, Math.max(...values)),
]

const fixed = (name: string, value: number): Figure => single(name, 'ms', value)

const ms = (value: number): string => `${value.toFixed(1)} ms`
