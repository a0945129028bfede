import { Rollcall } from '../support/rollcall.js'
import { Context } from './rows/context.js'

const CUSTOMERS = 30_000

describe('The official client’s scroll()', () => {
  let rollcall: Rollcall
  let context: Context
  const ids = Array.from({ length: CUSTOMERS }, (_, n) => `scrolled-${n}`)

  beforeAll(async () => {
    rollcall = await Rollcall.start()
    context = new Context({ base: rollcall.base, keys: rollcall.keys })
    const action = await context.bulk(ids.map((source_id) => ({ source_id })))
    expect(action.result).toMatchObject({ done_count: CUSTOMERS })
  })
  afterAll(() => rollcall.stop())

  it.each([
    ['created_at', ids],
    ['-created_at', ids.toReversed()],
  ] as const)(
    'ordered by %s meets each of 30,000 customers of one bulk update exactly once, in order',
    async (order, expected) => {
      const met = await context.met({ limit: 100, order })
      expect(met.map(({ source_id }) => source_id)).toEqual(expected)
    },
    120_000,
  )
})
