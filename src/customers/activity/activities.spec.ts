import { type RecordedEvent } from '../../event-store/index.js'
import { type JsonObject } from '../../kernel/index.js'
import { BEFORE_ALL, tellActivities } from './activities.js'
import { activityIdOf, versionOf } from './activity-id.js'
import { lastInstantOf } from './activity-time.js'

const AT = Date.UTC(2026, 0, 31) * 1000

const event = (version: number, type: string, data: object): RecordedEvent => ({
  projectId: 'p',
  streamId: 'cust_1',
  version,
  type,
  data: data as JsonObject,
  correlationId: `v-${String(version)}`,
  causationId: 'aa_1',
  occurredAt: AT + version,
  transactionId: '1',
  appendPosition: '1',
})
const history = [
  event(1, 'CustomerUpserted', {
    source_id: 'ada',
    attributes: { name: 'Ada', metadata: { a: 1 }, address: { city: 'London' } },
  }),
  event(2, 'CustomerUpdated', { changes: { name: null, metadata: { b: 2 } } }),
  event(3, 'CustomerUpdated', { changes: { address: null } }),
]
const tell = (...versions: number[]) => [
  ...tellActivities(BEFORE_ALL, history, new Set(versions)).activities.values(),
]

describe('A customer’s events, told as activities', () => {
  it('show the whole customer as it was after each', () => {
    const [created, changed, cleared] = tell(1, 2, 3)
    expect(created).toEqual({
      id: activityIdOf('cust_1', 1),
      type: 'customer.created',
      data: {
        data: {
          customer: expect.objectContaining({
            id: 'cust_1',
            source_id: 'ada',
            name: 'Ada',
            metadata: { a: 1 },
            address: { city: 'London' },
            created_at: '2026-01-31T00:00:00.000001Z',
            object: 'customer',
          }) as object,
        },
        event_source: { channel: 'API' },
      },
      created_at: '2026-01-31T00:00:00.000001Z',
      group_id: 'v-1',
    })
    expect(created?.data.data.customer).not.toHaveProperty('updated_at')
    expect(changed).toMatchObject({ type: 'customer.updated', group_id: 'v-2' })
    expect(changed?.data.data.customer).toMatchObject({
      metadata: { a: 1, b: 2 },
      created_at: '2026-01-31T00:00:00.000001Z',
      updated_at: '2026-01-31T00:00:00.000002Z',
    })
    expect(changed?.data.data.customer['name']).toBeUndefined()
    expect(cleared?.data.data.customer).toMatchObject({ address: null, metadata: { a: 1, b: 2 } })
  })

  it('are those that were asked for, and the same however the history is cut', () => {
    expect(tell(2).map(({ created_at }) => created_at)).toEqual(['2026-01-31T00:00:00.000002Z'])
    const wanted = new Set([1, 3])
    const first = tellActivities(BEFORE_ALL, history.slice(0, 1), wanted)
    const second = tellActivities(first.after, history.slice(1), wanted)
    expect([...first.activities.values(), ...second.activities.values()]).toEqual(tell(1, 3))
  })
})

describe('The id of an activity', () => {
  it('is the same at any time and leads back to its version', () => {
    expect(activityIdOf('cust_1', 1)).toBe('evcus_9a4d6731ed0218a6d0')
    const ids = Array.from({ length: 3_000 }, (_, index) => activityIdOf('cust_1', index + 1))
    expect(new Set(ids).size).toBe(3_000)
    expect(ids.every((id) => /^evcus_[0-9a-f]{18}$/.test(id))).toBe(true)
    expect(ids.map((id) => versionOf('cust_1', id))).toEqual(ids.map((_, index) => index + 1))
    expect(versionOf('cust_1', activityIdOf('cust_1', 2 ** 31 - 1))).toBe(2 ** 31 - 1)
  })

  it.each([
    activityIdOf('cust_2', 1),
    'evcus_000000000000000000',
    activityIdOf('cust_1', 1).toUpperCase(),
    `${activityIdOf('cust_1', 1)}0`,
    'x',
    '',
  ])('of another customer, or none at all, leads nowhere: %j', (id) => {
    expect(versionOf('cust_1', id)).toBeUndefined()
  })
})

describe('The last instant of a query', () => {
  it('is the end of the day when no time is said', () => {
    expect(lastInstantOf('2026-01-31')).toBe(AT + 86_400_000_000 - 1)
    expect(lastInstantOf('2026-01-31T00:00:00.000007Z')).toBe(AT + 7)
  })
})
