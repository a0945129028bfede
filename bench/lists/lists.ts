import { say } from '../../rig/program.js'
import { checkAction } from '../checks.js'
import { type Context, type Findings } from '../context.js'
import { toBody } from '../payloads.js'
import { figure } from '../report/figures.js'
import { count } from '../report/format.js'
import { type Spread, spreadOf } from '../statistics.js'
import { type Project, type Rollcall, withRollcall } from '../system/rollcall.js'

const CITIES = 500
const ROWS_PER_REQUEST = 80_000
const REPETITIONS = 25

/** One way to ask for customers, and how long the answer took, in milliseconds. */
export interface ListTimes {
  readonly asked: string
  readonly total: number
  readonly milliseconds: Spread
}

/** How long reads of single customers and lists take with many customers present. */
export function measureAllLists(context: Context): Promise<Findings> {
  const { lists: customers } = context.options
  return withRollcall(context, { name: 'bench_lists' }, async (rollcall) => {
    const times = await measureLists(rollcall, await rollcall.addProject('Lists'), customers)
    return {
      text: listTable(customers, times),
      figures: times.map(({ asked, milliseconds }) =>
        figure(`lists, ${count(customers)} present: ${asked}`, 'ms', milliseconds),
      ),
      details: times,
    }
  })
}

async function measureLists(rollcall: Rollcall, project: Project, customers: number): Promise<ListTimes[]> {
  await fill(rollcall, project, customers)
  const [oldest, middle] = [await createdAt(project, 1), await createdAt(project, customers / 2)]
  const someone = `c${customers / 2}`
  const queries = [
    ['one customer', `/v1/customers/${someone}`],
    ['first page', '/v1/customers?limit=100'],
    ['page 99', '/v1/customers?limit=100&page=99'],
    ['cursor in the middle', `/v1/customers?limit=100&starting_after=${middle}`],
    ['cursor at the end, upwards', `/v1/customers?limit=100&order=created_at&starting_after=${middle}`],
    ['cursor at the beginning, upwards', `/v1/customers?limit=100&order=created_at&starting_after=${oldest}`],
    ['by e-mail', `/v1/customers?email=${someone}@example.com`],
    ['by name', `/v1/customers?name=Customer%20${customers / 2}`],
    [`by city (1 in ${CITIES})`, '/v1/customers?city=City%207'],
    ['by two of them', `/v1/customers?city=City%200&email=${someone}@example.com`],
    ['changed last', '/v1/customers?order=-updated_at'],
    ['by source_id', '/v1/customers?order=source_id&page=99&limit=100'],
  ] as const
  const times: ListTimes[] = []
  for (const [asked, path] of queries) times.push(await measure(project, asked, path))
  return times
}

async function measure({ http }: Project, asked: string, path: string): Promise<ListTimes> {
  const milliseconds: number[] = []
  let total = 1
  for (let repetition = 0; repetition < REPETITIONS; repetition++) {
    const begin = performance.now()
    const { status, text } = await http.get(path)
    milliseconds.push(performance.now() - begin)
    if (status !== 200) throw new Error(`GET ${path} answered ${status}.`)
    total = (JSON.parse(text) as { total?: number }).total ?? 1
  }
  return { asked, total, milliseconds: spreadOf(milliseconds) }
}

/** By way of the API itself; one in a hundred is changed afterwards. */
async function fill(rollcall: Rollcall, project: Project, customers: number): Promise<void> {
  for (let first = 1; first <= customers; first += ROWS_PER_REQUEST) {
    const rows = Math.min(ROWS_PER_REQUEST, customers - first + 1)
    await send(rollcall, project, rows, (index) => customer(first + index))
    say(`${first + rows - 1} of ${customers} customers`)
  }
  await send(rollcall, project, customers / 100, (n) => ({ source_id: `c${n * 100 + 1}`, phone: 'new' }))
}

const customer = (n: number): object => ({
  source_id: `c${n}`,
  name: `Customer ${n}`,
  email: `c${n}@example.com`,
  address: { city: `City ${n % CITIES}` },
})

async function send(
  rollcall: Rollcall,
  project: Project,
  rows: number,
  row: (index: number) => object,
): Promise<void> {
  const { action } = await rollcall.run(project, toBody(rows, row))
  checkAction(rollcall, action, rows)
}

async function createdAt({ http }: Project, n: number): Promise<string> {
  const { text } = await http.get(`/v1/customers/c${n}`)
  return (JSON.parse(text) as { created_at: string }).created_at
}

function listTable(customers: number, times: readonly ListTimes[]): string {
  const rows = times.map(
    ({ asked, total, milliseconds: { median, min, max } }) =>
      `${asked.padEnd(36)}${String(total).padStart(9)}   ${median.toFixed(1)} ms (${min.toFixed(1)}–${max.toFixed(1)})`,
  )
  return [
    `Reads with ${customers} customers present, over HTTP; median (lowest–highest) of ${REPETITIONS}`,
    ...rows,
  ].join('\n')
}
