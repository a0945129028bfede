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
import { ACCEPTED, ACCEPTED_ALONE, GET, LOOP } from './names.js'
import { type ProbeReport } from './prober-process.js'

const CLIENTS = 5
const GETS_PER_SECOND = 50
const SOMEONE = 'someone'

/** What was measured while clients sent. */
interface Load {
  /** Milliseconds from sending a body to the 202. */
  readonly accepts: readonly number[]
  readonly probes: ProbeReport
  readonly loop: LoopDelays
}

/** What each client sent, to be waited for. */
interface Sent {
  readonly project: Project
  readonly ids: readonly string[]
  readonly latencies: readonly number[]
}

/** All clients at once, then one of them alone while what the others had sent is still being carried out. */
interface Loads {
  readonly crowd: Load
  readonly alone: Load
  /** Requests of the crowd that had not ended when the one client stopped sending. */
  readonly backlog: number
}

interface Tools {
  readonly rollcall: Rollcall
  readonly eventLoop: EventLoop
  readonly payload: Payload
  readonly milliseconds: number
  /** Makes one for each load; they are stopped with the bench at the latest. */
  readonly newProber: () => Prober
}

/** Whether the API stays awake while clients send the largest bodies as fast as they can. */
export async function measureAwake(context: Context): Promise<Findings> {
  const { bytes, awakeSeconds, smoke } = context.options
  const eventLoop = new EventLoop(context.servers.folder)
  const newProber = (): Prober => {
    const prober = new Prober()
    context.stopList.add(() => {
      prober.stop()
    })
    return prober
  }
  const tools = {
    eventLoop,
    newProber,
    payload: makePayload('typical', bytes),
    milliseconds: awakeSeconds * 1000,
  }
  const loads = await withRollcall(context, { name: 'bench_awake', apiEnv: eventLoop.env }, (rollcall) =>
    putUnderLoads({ rollcall, ...tools }),
  )
  const problem = smoke || loads.backlog > 0 ? undefined : 'Nothing waited any more behind the one client.'
  return { ...findingsOf(loads, awakeSeconds), problem }
}

async function putUnderLoads(tools: Tools): Promise<Loads> {
  const { rollcall, payload } = tools
  const projects: Project[] = []
  for (let n = 1; n <= CLIENTS; n++) projects.push(await rollcall.addProject(`Client ${n}`))
  const [first] = projects
  if (first === undefined) throw new Error('There is no client.')
  await warmUp(rollcall, first, payload)
  const [crowd, sentByCrowd] = await putUnderLoad(tools, projects)
  const [alone, sentAlone] = await putUnderLoad(tools, [first])
  const backlog = idsOf(sentByCrowd).filter((id) => !rollcall.hasEnded(id)).length
  await waitForAll(rollcall, [...sentByCrowd, ...sentAlone], payload.rows)
  return { crowd, alone, backlog }
}

/** Resolves as soon as the last body was accepted. */
async function putUnderLoad(tools: Tools, projects: readonly Project[]): Promise<[Load, Sent[]]> {
  const { rollcall, eventLoop, payload, milliseconds, newProber } = tools
  await eventLoop.delays() // forgets what was before
  const prober = newProber()
  try {
    prober.start({
      baseUrl: rollcall.baseUrl,
      headers: projects[0]?.http.headers ?? {},
      paths: ['/v1/async-actions', `/v1/customers/${SOMEONE}`, '/health/ready'],
      perSecond: GETS_PER_SECOND,
    })
    const until = performance.now() + milliseconds
    const sent = await Promise.all(projects.map((project) => sendUntil(rollcall, project, payload, until)))
    const [probes, loop] = [await prober.finish(), await eventLoop.delays()]
    same('a GET that failed', probes.failures[0], undefined)
    return [{ accepts: sent.flatMap(({ latencies }) => latencies), probes, loop }, sent]
  } finally {
    prober.stop()
  }
}

/** The code of both processes has run once, and there is somebody to look up. */
async function warmUp(rollcall: Rollcall, project: Project, { bodies, rows }: Payload): Promise<void> {
  const body = Buffer.from(JSON.stringify([{ source_id: SOMEONE, name: 'Someone' }]))
  checkAction(rollcall, (await rollcall.run(project, body)).action, 1)
  checkAction(rollcall, (await rollcall.run(project, bodies.new)).action, rows)
}

/** One body after the other, each as soon as the one before was accepted. */
async function sendUntil(
  rollcall: Rollcall,
  project: Project,
  { bodies }: Payload,
  until: number,
): Promise<Sent> {
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
  say(`${idsOf(sent).length} requests were accepted; waiting until all are carried out`)
  for (const { project, ids } of sent) {
    for (const id of ids) checkAction(rollcall, await rollcall.finished(project, id), rows)
  }
}

const idsOf = (sent: readonly Sent[]): string[] => sent.flatMap(({ ids }) => ids)

function findingsOf({ crowd, alone, backlog }: Loads, seconds: number): Findings {
  const beside = `for ${seconds} s, ${GETS_PER_SECOND} GETs a second beside`
  return {
    text: [
      `Latencies while ${CLIENTS} clients sent bodies one after another ${beside}`,
      ...linesOf(crowd),
      '',
      `The same while one of them went on ${beside}; at the end of it ${backlog} requests of the ${CLIENTS} still waited`,
      ...linesOf(alone),
    ].join('\n'),
    figures: [
      ...latencyFigures(GET, latenciesOf(crowd)),
      ...latencyFigures(ACCEPTED, crowd.accepts),
      ...latencyFigures(ACCEPTED_ALONE, alone.accepts),
      ...latencyFigures(`${GET} beside one client`, latenciesOf(alone)),
      fixed(`${LOOP}: p99`, crowd.loop.p99),
      fixed(`${LOOP}: highest`, crowd.loop.max),
    ],
    details: { crowd, alone, backlog },
  }
}

const latenciesOf = ({ probes }: Load): number[] => Object.values(probes.latencies).flat()

function linesOf(load: Load): string[] {
  const { accepts, probes, loop } = load
  const cells = (values: readonly number[]): string[] => [
    ms(percentile(values, 50)),
    ms(percentile(values, 99)),
    ms(Math.max(...values)),
    count(values.length),
  ]
  return [
    line('', 'p50', 'p99', 'highest', 'calls'),
    line('GET, all', ...cells(latenciesOf(load))),
    ...Object.entries(probes.latencies).map(([path, latencies]) =>
      line(`  GET ${path}`, ...cells(latencies)),
    ),
    line('POST to 202', ...cells(accepts)),
    line('event loop of the API, delay', ms(loop.p50), ms(loop.p99), ms(loop.max)),
    line('GETs sent too late by the bench', ...cells(probes.lateness)),
  ]
}

const latencyFigures = (name: string, values: readonly number[]): Figure[] => [
  fixed(`${name}: p50`, percentile(values, 50)),
  fixed(`${name}: p99`, percentile(values, 99)),
  fixed(`${name}: highest`, Math.max(...values)),
]

const fixed = (name: string, value: number): Figure => single(name, 'ms', value)

const ms = (value: number): string => `${value.toFixed(1)} ms`
