import fc from 'fast-check'
import { isDeepStrictEqual } from 'node:util'
import { anyRows, documentAfter } from '../../../test/support/customer.factory.js'
import { deepFreeze } from '../../../test/support/deep-freeze.factory.js'
import { type RowOutcome } from '../../kernel/index.js'
import { type CustomerDocument } from './customer-document.js'
import { type CustomerRow } from './customer-row.js'
import { decideRows, type LoadedCustomer, type TimedEvent, type TimedRow } from './decide-rows.js'

const START = 1_767_225_600_000_000
const failure = { key: 'invalid_customer', message: 'Invalid customer', details: 'It is wrong.' }

let ids = 0
const newId = (): string => `cust_${String(++ids)}`

/** Each row happens a microsecond after the one before. */
const timed = (rows: CustomerRow[]): TimedRow[] =>
  rows.map((row, index) => ({ ...row, occurredAt: START + index }))

const byIdOf = (loaded: Map<string, LoadedCustomer>) =>
  new Map([...loaded.values()].map((customer) => [customer.id, customer]))

const decide = (rows: CustomerRow[], loaded = new Map<string, LoadedCustomer>()) =>
  decideRows(deepFreeze(timed(rows)), { bySourceId: loaded, byId: byIdOf(loaded) }, newId)

const ada = (): Map<string, LoadedCustomer> =>
  new Map([
    [
      'ada',
      {
        id: 'cust_ada',
        version: 3,
        place: 65_537,
        changedAt: 0,
        state: { kind: 'known', sourceId: 'ada', document: { name: 'Ada', address: null } },
      },
    ],
  ])

describe('The rows of a request', () => {
  it('find and change a customer that is there', () => {
    const { outcomes, changed } = decide([{ sourceId: 'ada', changes: { name: 'Grace' } }], ada())
    expect(outcomes).toEqual([{ sourceId: 'ada', found: true, updated: true }])
    expect(changed).toMatchObject([
      {
        id: 'cust_ada',
        loadedVersion: 3,
        place: 65_537,
        state: { kind: 'known', sourceId: 'ada', document: { name: 'Grace', address: null } },
        events: [{ type: 'CustomerUpdated', data: { changes: { name: 'Grace' } }, occurredAt: START }],
      },
    ])
  })

  it('find a customer and leave it as it is when they change nothing', () => {
    const { outcomes, changed } = decide([{ sourceId: 'ada', changes: { name: 'Ada' } }], ada())
    expect(outcomes).toEqual([{ sourceId: 'ada', found: true, updated: false }])
    expect(changed).toEqual([])
  })

  it('create a customer that is not there, under an id of its own', () => {
    const { outcomes, changed } = decide([
      { sourceId: 'a', changes: {} },
      { sourceId: 'A', changes: {} },
    ])
    expect(outcomes).toEqual([
      { sourceId: 'a', found: false, updated: true },
      { sourceId: 'A', found: false, updated: true },
    ])
    expect(changed.map(({ loadedVersion }) => loadedVersion)).toEqual([0, 0])
    expect(new Set(changed.map(({ id }) => id)).size).toBe(2)
  })

  it('that name the same new customer twice find it the second time', () => {
    const { outcomes, changed } = decide([
      { sourceId: 'a', changes: { name: 'first' } },
      { sourceId: 'a', changes: { name: 'last' } },
      { sourceId: 'a', changes: { name: 'last' } },
    ])
    expect(outcomes.map(({ found, updated }) => [found, updated])).toEqual([
      [false, true],
      [true, true],
      [true, false],
    ])
    expect(changed).toHaveLength(1)
    expect(changed[0]?.state.document.name).toBe('last')
    expect(changed[0]?.events).toHaveLength(2)
  })

  it('that failed have no effect, and say whether their customer was there', () => {
    const rows = [
      { sourceId: 'ada', failure },
      { sourceId: 'new', failure },
      { sourceId: 'new', changes: {} },
      { sourceId: 'new', failure },
    ]
    const { outcomes, changed } = decide(rows, ada())
    expect(outcomes).toEqual([
      { sourceId: 'ada', found: true, updated: false, failure },
      { sourceId: 'new', found: false, updated: false, failure },
      { sourceId: 'new', found: false, updated: true },
      { sourceId: 'new', found: true, updated: false, failure },
    ])
    expect(changed).toHaveLength(1)
  })

  it('fail alone when the customer refuses them', () => {
    const metadata = Object.fromEntries(Array.from({ length: 1_000 }, (_, n) => [`k${String(n)}`, n]))
    const rows = [{ metadata }, { metadata: { one: 'more' }, name: 'x' }, { name: 'Ada' }]
    const { outcomes, changed } = decide(rows.map((changes) => ({ sourceId: 'ada', changes })))
    expect(outcomes).toMatchObject([
      { found: false, updated: true },
      { found: true, updated: false, failure: { key: 'metadata_validation_failed' } },
      { found: true, updated: true },
    ])
    expect(changed[0]?.state.document).toMatchObject({ name: 'Ada', metadata })
  })

  it('happen one microsecond after the other, failed and idle ones too', () => {
    const { changed } = decide(
      [
        { sourceId: 'a', changes: {} },
        { sourceId: 'ada', changes: { name: 'Ada' } },
        { sourceId: 'b', failure },
        { sourceId: 'c', changes: {} },
        { sourceId: 'a', changes: { name: 'A' } },
      ],
      ada(),
    )
    expect(changed.map(({ events }) => events.map(({ occurredAt }) => occurredAt - START))).toEqual([
      [0, 4],
      [3],
    ])
  })

  it.each(['__proto__', 'constructor', 'toString', 'hasOwnProperty'])(
    'may name a customer %s',
    (sourceId) => {
      const { outcomes, changed } = decide([
        { sourceId, changes: { name: 'x' } },
        { sourceId, changes: { name: 'x' } },
      ])
      expect(outcomes.map(({ found }) => found)).toEqual([false, true])
      expect(changed.map(({ state }) => state.sourceId)).toEqual([sourceId])
    },
  )

  it('may name a customer by our id, which goes before the source_id', () => {
    const { outcomes, changed } = decide(
      [
        { sourceId: '', customerId: 'cust_ada', changes: { name: 'Grace' } },
        { sourceId: 'other', customerId: 'cust_ada', changes: { phone: '1' } },
        { sourceId: 'ada', changes: { name: 'Ada' } },
      ],
      ada(),
    )
    expect(outcomes).toEqual([
      { sourceId: 'ada', found: true, updated: true },
      { sourceId: 'other', found: true, updated: true },
      { sourceId: 'ada', found: true, updated: true },
    ])
    expect(changed).toMatchObject([{ id: 'cust_ada', state: { document: { name: 'Ada', phone: '1' } } }])
    expect(changed[0]?.events).toHaveLength(3)
  })

  it('go by the source_id when there is no customer with the id', () => {
    const { outcomes } = decide([{ sourceId: 'ada', customerId: 'cust_x', changes: { name: 'x' } }], ada())
    expect(outcomes).toEqual([{ sourceId: 'ada', found: true, updated: true }])
  })

  it('fail when they name nobody but by an id that no customer has', () => {
    const { outcomes, changed } = decide([{ sourceId: '', customerId: 'cust_x', changes: {} }])
    const details = 'Cannot find customer with id cust_x'
    expect(outcomes).toMatchObject([{ found: false, updated: false, failure: { key: 'not_found', details } }])
    expect(changed).toEqual([])
  })

  it('that name nobody make a new customer each', () => {
    const { outcomes, changed } = decide([
      { sourceId: '', changes: { name: 'x' } },
      { sourceId: '', changes: { name: 'x' } },
    ])
    expect(outcomes).toEqual(Array(2).fill({ sourceId: '', found: false, updated: true }))
    expect(changed.map(({ state }) => state.sourceId)).toEqual([null, null])
  })

  it('give what a sequential model gives, whatever they are', () => {
    fc.assert(
      fc.property(anyRows(), anyRows(), (before, rows) => {
        const earlier = run([before])
        const model = sequentially(rows, earlier.seen.documents)
        const { outcomes, documents } = run([rows], earlier.loaded).seen
        expect(outcomes).toEqual(model.outcomes)
        expect(documents).toEqual(model.documents)
      }),
      { numRuns: 200 },
    )
  })

  it('give the same however they are cut into chunks, except for ids and times', () => {
    fc.assert(
      fc.property(anyRows(), fc.array(fc.nat(30), { maxLength: 5 }), (rows, cuts) => {
        expect(run(cutAt(rows, cuts)).seen).toEqual(run([rows]).seen)
      }),
      { numRuns: 200 },
    )
  })
})

/** The rule in ten lines: one row after the other, each on what the rows before it left. */
function sequentially(rows: CustomerRow[], before: ReadonlyMap<string, CustomerDocument>) {
  const documents = new Map(before)
  const outcomes = rows.map(({ sourceId, changes, failure }): RowOutcome => {
    const document = documents.get(sourceId)
    const found = document !== undefined
    if (failure || !changes) return { sourceId, found, updated: false, ...(failure && { failure }) }
    const next = documentAfter(document, changes)
    documents.set(sourceId, next)
    return { sourceId, found, updated: !isDeepStrictEqual(stored(document), stored(next)) }
  })
  return { outcomes, documents }
}

/** As it is kept: attributes that are undefined are not there. */
const stored = (document: CustomerDocument | undefined): unknown =>
  document && (JSON.parse(JSON.stringify(document)) as unknown)

/** All that is left of chunks that were decided one after the other; ids and times left out. */
function run(chunks: CustomerRow[][], before: ReadonlyMap<string, LoadedCustomer> = new Map()) {
  const loaded = new Map(before)
  const events = new Map<string, Omit<TimedEvent, 'occurredAt'>[]>()
  const outcomes = chunks.flatMap((rows) => {
    const decisions = decide(rows, loaded)
    for (const { id, loadedVersion, place, state, events: added } of decisions.changed) {
      const sourceId = String(state.sourceId)
      loaded.set(sourceId, { id, version: loadedVersion + added.length, place, changedAt: 0, state })
      events.set(sourceId, [
        ...(events.get(sourceId) ?? []),
        ...added.map(({ type, data }) => ({ type, data }) as TimedEvent),
      ])
    }
    return decisions.outcomes
  })
  const documents = new Map([...loaded].map(([sourceId, { state }]) => [sourceId, state.document]))
  const versions = new Map([...loaded].map(([sourceId, { version }]) => [sourceId, version]))
  return { loaded, seen: { outcomes, documents, versions, events } }
}

function cutAt(rows: CustomerRow[], cuts: number[]): CustomerRow[][] {
  const places = [0, ...cuts.filter((cut) => cut < rows.length).sort((a, b) => a - b), rows.length]
  return places.slice(1).map((end, index) => rows.slice(places[index], end))
}
