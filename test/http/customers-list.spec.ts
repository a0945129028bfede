import fc from 'fast-check'
import { Rollcall } from '../support/rollcall.js'

interface Customer extends Record<string, unknown> {
  id: string
  source_id?: string
  name?: string
  email?: string
  address: { city?: string | null } | null
  created_at: string
  updated_at?: string
}
interface Page extends Record<string, unknown> {
  customers: Customer[]
  total: number
  has_more: boolean
}
type Query = Record<string, string | number | undefined>
type Time = string | number | undefined

let rollcall: Rollcall
/** All customers, oldest first, as single reads show them. */
let all: Customer[]

const pathOf = (query: Query): string => {
  const entries = Object.entries(query).filter(([, value]) => value !== undefined)
  return `/v1/customers?${new URLSearchParams(entries as [string, string][]).toString()}`
}
const ask = (query: Query, keys = rollcall.keys) => rollcall.call<Page>('GET', pathOf(query), { keys })
const list = async (query: Query): Promise<Page> => {
  const { status, body } = await ask(query)
  expect(status).toBe(200)
  return body
}
const run = async (rows: unknown[]) => rollcall.finished(await rollcall.bulk(rows))

const NAMES = ['Ada', 'ada', 'Grace', '']
const CITIES = ['London', 'Paris', null]

beforeAll(async () => {
  rollcall = await Rollcall.start()
  const row = (n: number) => ({
    source_id: `c${String((n * 37) % 100)}`,
    ...(n % 5 > 0 && { name: NAMES[n % 4] }),
    ...(n % 3 > 0 && { email: `e${String(n % 7)}@example.com` }),
    ...(n % 4 > 0 && { address: { city: CITIES[n % 3] } }),
  })
  await run(Array.from({ length: 90 }, (_, n) => row(n)))
  await rollcall.call('POST', '/v1/customers', { body: { name: 'Ada' } })
  await rollcall.call('POST', '/v1/customers', { body: {} })
  await run(
    Array.from({ length: 30 }, (_, n) => ({
      source_id: `c${String(n * 3)}`,
      name: NAMES[n % 4],
      phone: String(n),
    })),
  )
  await run([
    { source_id: 'c3', name: null },
    { source_id: 'c6', email: 'moved@example.com' },
  ])
  for (const gone of ['c1', 'c9', 'c12']) await rollcall.call('DELETE', `/v1/customers/${gone}`)
  const ids = await rollcall.query<{ id: string }>('SELECT id FROM customers ORDER BY created_at')
  all = []
  for (const { id } of ids) all.push((await rollcall.call<Customer>('GET', `/v1/customers/${id}`)).body)
})
afterAll(() => rollcall.stop())

const compare = (one: string | undefined, other: string | undefined): number => {
  if (one === other) return 0
  if (one === undefined || other === undefined) return one === undefined ? 1 : -1
  return one < other ? -1 : 1
}

/** The rules of the list in their shortest form. */
function expected(query: Query): Page {
  const { limit = 10, page = 1, order = '-created_at', starting_after: cursor } = query
  const matching = all.filter(
    (c) =>
      (query['email'] === undefined || c.email === query['email']) &&
      (query['name'] === undefined || c.name === query['name']) &&
      (query['city'] === undefined || c.address?.city === query['city']) &&
      within(c.created_at, query['created_at[after]'], query['created_at[before]']) &&
      within(c.updated_at, query['updated_at[after]'], query['updated_at[before]']),
  )
  const upwards = order === 'created_at' || order === 'updated_at'
  const by = cursor === undefined ? String(order) : upwards ? 'created_at' : '-created_at'
  const reachable = matching.filter(
    ({ created_at }) => cursor === undefined || (upwards ? created_at > cursor : created_at < cursor),
  )
  const field = by.replace('-', '') as 'created_at' | 'updated_at' | 'source_id'
  const sorted = reachable.toSorted((one, other) => {
    const sign = by.startsWith('-') ? -1 : 1
    // Absent values come last, except when source_ids are sorted downwards.
    if (field !== 'source_id' && (one[field] === undefined) !== (other[field] === undefined))
      return compare(one[field], other[field])
    return sign * (compare(one[field], other[field]) || compare(one.id, other.id))
  })
  const start = (Number(page) - 1) * Number(limit)
  const customers = sorted.slice(start, start + Number(limit))
  const has_more = sorted.length > start + Number(limit)
  return { object: 'list', data_ref: 'customers', customers, total: matching.length, has_more }
}

function within(time: string | undefined, after: Time, before: Time): boolean {
  if (after === undefined && before === undefined) return true
  if (time === undefined) return false
  return (after === undefined || time > String(after)) && (before === undefined || time < String(before))
}

describe('GET /v1/customers', () => {
  it('shows the newest ten, each as a single read shows it, and how many there are', async () => {
    expect(await list({})).toEqual(expected({}))
    expect((await list({})).total).toBe(all.length)
  })

  it('shows what the rules say, whatever is asked', async () => {
    const times = [
      ...all.flatMap((c) => [c.created_at, c.updated_at ?? c.created_at]),
      '2200-01-01T00:00:00Z',
    ]
    const time = fc.option(fc.constantFrom(...times), { nil: undefined, freq: 2 })
    const rarely = <T>(...values: T[]) => fc.option(fc.constantFrom(...values), { nil: undefined, freq: 1 })
    const query = fc.record({
      limit: rarely(1, 3, 10, 100),
      page: rarely(1, 2, 3, 99),
      name: rarely(...NAMES, 'nobody'),
      email: rarely('e1@example.com', 'e2@example.com', 'E1@example.com'),
      city: rarely('London', 'Paris'),
      order: rarely('created_at', '-created_at', 'updated_at', '-updated_at', 'source_id', '-source_id'),
      'created_at[after]': time,
      'created_at[before]': time,
      'updated_at[after]': time,
      'updated_at[before]': time,
      starting_after: time,
    })
    await fc.assert(
      fc.asyncProperty(query, async (asked) => {
        expect(await list(asked)).toEqual(expected(asked))
      }),
      { numRuns: 150 },
    )
  })

  it.each(['created_at', '-created_at'])(
    'is seen whole by %s, page by page with the cursor',
    async (order) => {
      const seen: Customer[] = []
      let cursor = order === 'created_at' ? '1970-01-01T00:00:00Z' : '2200-01-01T00:00:00Z'
      for (let more = true; more;) {
        const page = await list({ order, limit: 7, starting_after: cursor })
        seen.push(...page.customers)
        cursor = page.customers.at(-1)?.created_at ?? cursor
        more = page.has_more
      }
      expect(seen).toEqual(order === 'created_at' ? all : all.toReversed())
    },
  )

  it.each(['updated_at', '-updated_at', 'source_id', '-source_id'])(
    'is seen whole by %s, page by page',
    async (order) => {
      const seen: string[] = []
      for (let page = 1, more = true; more; page++) {
        const { customers, has_more } = await list({ order, limit: 7, page })
        seen.push(...customers.map(({ id }) => id))
        more = has_more
      }
      expect(new Set(seen)).toEqual(new Set(all.map(({ id }) => id)))
      expect(seen).toHaveLength(all.length)
    },
  )

  it('finds a customer by what it is now, not by what it was', async () => {
    expect((await list({ email: 'moved@example.com' })).customers.map((c) => c.source_id)).toEqual(['c6'])
    expect((await list({ name: 'Ada' })).customers.map((c) => c.source_id)).not.toContain('c3')
  })

  it('shows a deleted customer no more', async () => {
    expect(all.map((c) => c.source_id)).not.toContain('c9')
    expect((await list({ limit: 100 })).customers.map((c) => c.source_id)).not.toContain('c9')
  })

  it('shows nothing of another project', async () => {
    const other = await rollcall.projects.create('other')
    for (const query of [
      {},
      { name: 'Ada' },
      { order: 'updated_at' },
      { 'updated_at[after]': '2000-01-01' },
    ]) {
      expect((await ask(query, other)).body).toMatchObject({ customers: [], total: 0, has_more: false })
    }
  })

  it('has nobody in a segment, and nobody with a NUL in the name', async () => {
    for (const query of [{ segment_id: 'seg_1' }, { name: 'Ada\0' }]) {
      expect(await list(query)).toMatchObject({ customers: [], total: 0, has_more: false })
    }
  })

  it.each([
    [{ limit: 0 }, 'Property .limit must be >= 1'],
    [{ limit: 101 }, 'Property .limit must be <= 100'],
    [{ limit: 'abc' }, 'Property .limit must be integer'],
    [{ limit: 1e9 }, 'Property .limit must be <= 100'],
    [{ page: 0 }, 'Property .page must be >= 1'],
    [{ page: 100 }, 'Property .page must be <= 99'],
    [{ page: 1.5 }, 'Property .page must be integer'],
    [{ order: ';drop' }, 'Property .order must be equal to one of created_at,-created_at'],
    [{ starting_after: 'cust_1' }, 'Property .starting_after cannot be recognized'],
    [{ starting_after: '2026-13-01' }, 'Property .starting_after cannot be recognized'],
    [{ 'created_at[after]': 'infinity' }, 'Property .created_at[after] cannot be recognized'],
    [
      { 'updated_at[before]': '2026-01-01T00:00:00+99:99' },
      'Property .updated_at[before] cannot be recognized',
    ],
  ])('answers 400 to %j', async (query, details) => {
    const { status, body } = await ask(query)
    expect(status).toBe(400)
    expect(body).toMatchObject({ key: 'invalid_query_params' })
    expect(body['details']).toContain(details)
  })
})
