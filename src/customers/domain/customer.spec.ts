import fc from 'fast-check'
import { isDeepStrictEqual } from 'node:util'
import { anyChanges, documentAfter } from '../../../test/support/customer.factory.js'
import { deepFreeze } from '../../../test/support/deep-freeze.factory.js'
import { examplesOf } from '../../../test/support/given-when-then.js'
import { fold, type JsonObject } from '../../kernel/index.js'
import { type CustomerChanges } from './customer-document.js'
import {
  type CustomerDeleted,
  type CustomerEvent,
  type CustomerUpdated,
  type CustomerUpserted,
} from './customer.events.js'
import { type Customer, customerDecider, type UpsertCustomer } from './customer.js'

const { given } = examplesOf(customerDecider)

const upsert = (changes: CustomerChanges): UpsertCustomer => ({
  type: 'UpsertCustomer',
  sourceId: 'ada',
  changes,
})
const upserted = (attributes: CustomerChanges): CustomerUpserted => ({
  type: 'CustomerUpserted',
  data: { source_id: 'ada', attributes },
})
const updated = (changes: CustomerChanges): CustomerUpdated => ({
  type: 'CustomerUpdated',
  data: { changes },
})
const known = (document: object): Customer => ({
  kind: 'known',
  sourceId: 'ada',
  document: { address: null, ...document },
})

const keysUpTo = (count: number, prefix = 'k'): JsonObject =>
  Object.fromEntries(Array.from({ length: count }, (_, n) => [`${prefix}${String(n)}`, n]))

const ADA = upserted({
  name: 'Ada',
  email: 'ada@example.com',
  birthdate: '1815-12-10',
  address: { city: 'London', country: null },
  metadata: { lang: 'en', tags: ['a', 'b'], plan: { name: 'gold', seats: 2 } },
})

describe('An unknown customer', () => {
  it('is created with everything the row says', () => {
    const all = {
      name: 'Ada',
      description: 'First programmer',
      email: 'ada@example.com',
      phone: '+1 (132) 222-2222',
      birthday: '1815-12-09',
      birthdate: '1815-12-10',
      address: { city: 'London', line_1: '12 St James’s Square' },
      metadata: { lang: 'en', nested: { deep: [1] } },
    }
    given().when(upsert(all)).yields(upserted(all))
    given().when(upsert(all)).leadsTo(known(all))
  })

  it('is created even by a row that says nothing but its source_id', () => {
    given().when(upsert({})).yields(upserted({}))
    given().when(upsert({})).leadsTo(known({}))
  })

  it('has nothing to clear: null attributes leave no trace', () => {
    const nulls = { name: null, email: null, birthday: null, birthdate: null, address: null, metadata: null }
    given().when(upsert(nulls)).yields(upserted({}))
  })

  it('keeps the keys of address and metadata that are set to null', () => {
    const nulls = { address: { city: null }, metadata: { test: null } }
    given().when(upsert(nulls)).leadsTo(known(nulls))
  })

  it('has neither address nor metadata when the row has them empty', () => {
    given()
      .when(upsert({ address: {}, metadata: {} }))
      .leadsTo(known({}))
  })

  it('keeps an empty text, which is not the same as none', () => {
    given()
      .when(upsert({ name: '' }))
      .yields(upserted({ name: '' }))
  })

  it('cannot be updated before it was upserted', () => {
    expect(() => customerDecider.evolve({ kind: 'unknown' }, updated({ name: 'Ada' }))).toThrow(
      'upserted before',
    )
  })
})

describe('A known customer', () => {
  it('changes what a row names, and the event holds nothing else', () => {
    given(ADA)
      .when(upsert({ name: 'Ada Lovelace', email: 'ada@example.com', phone: '+44' }))
      .yields(updated({ name: 'Ada Lovelace', phone: '+44' }))
  })

  it('keeps what a row leaves out', () => {
    given(upserted({ name: 'Ada', address: { city: 'London' }, metadata: { lang: 'en' } }))
      .when(upsert({ phone: '+44' }))
      .leadsTo(known({ name: 'Ada', phone: '+44', address: { city: 'London' }, metadata: { lang: 'en' } }))
  })

  it.each([
    ['says nothing', {}],
    ['repeats what is there', ADA.data.attributes],
    ['clears what was never set', { phone: null, description: null, birthday: null }],
    ['has address and metadata empty', { address: {}, metadata: {} }],
    ['repeats a null that is there', { address: { country: null } }],
    [
      'has the keys of metadata in another order',
      { metadata: { plan: { seats: 2, name: 'gold' }, lang: 'en' } },
    ],
  ])('is left alone by a row that %s: no event', (_, changes) => {
    given(ADA).when(upsert(changes)).yieldsNothing()
  })

  it.each(['name', 'description', 'email', 'phone', 'birthday', 'birthdate'] as const)(
    'loses its %s by null',
    (attribute) => {
      const history = [upserted({ [attribute]: '1815-12-10', address: { city: 'London' } })]
      given(...history)
        .when(upsert({ [attribute]: null }))
        .yields(updated({ [attribute]: null }))
      given(...history)
        .when(upsert({ [attribute]: null }))
        .leadsTo(known({ address: { city: 'London' } }))
    },
  )

  it('can be given again what was cleared', () => {
    given(upserted({ name: 'Ada' }), updated({ name: null }))
      .when(upsert({ name: 'Ada' }))
      .yields(updated({ name: 'Ada' }))
  })

  it('is not cleared twice', () => {
    given(upserted({ name: 'Ada' }), updated({ name: null }))
      .when(upsert({ name: null }))
      .yieldsNothing()
  })

  it('has birthday and birthdate independently', () => {
    given(upserted({ birthdate: '1815-12-10' }))
      .when(upsert({ birthday: '1815-12-10' }))
      .leadsTo(known({ birthday: '1815-12-10', birthdate: '1815-12-10' }))
    given(upserted({ birthday: '1815-12-09', birthdate: '1815-12-10' }))
      .when(upsert({ birthday: null }))
      .leadsTo(known({ birthdate: '1815-12-10' }))
  })

  it('keeps its source_id whatever a later command says', () => {
    given(upserted({}))
      .when({ type: 'UpsertCustomer', sourceId: 'other', changes: { name: 'Ada' } })
      .leadsTo(known({ name: 'Ada' }))
  })
})

describe('A customer that is deleted', () => {
  const deleted: CustomerDeleted = { type: 'CustomerDeleted', data: {} }

  it('is gone', () => {
    given(ADA).when({ type: 'DeleteCustomer' }).yields(deleted)
    given(ADA).when({ type: 'DeleteCustomer' }).leadsTo({ kind: 'deleted' })
  })

  it('is not deleted twice, nor is one that never was', () => {
    given(ADA, deleted).when({ type: 'DeleteCustomer' }).yieldsNothing()
    given().when({ type: 'DeleteCustomer' }).yieldsNothing()
  })

  it('does not come back: its source_id makes a new customer', () => {
    expect(() => customerDecider.decide(upsert({}), { kind: 'deleted' })).toThrow('does not come back')
  })
})

describe('The address of a customer', () => {
  const london = upserted({ address: { city: 'London', postal_code: 'SW1' } })

  it('is merged key by key', () => {
    given(london)
      .when(upsert({ address: { city: 'Paris', line_1: 'Rue 1' } }))
      .leadsTo(known({ address: { city: 'Paris', postal_code: 'SW1', line_1: 'Rue 1' } }))
  })

  it('changes only by the keys that differ', () => {
    given(london)
      .when(upsert({ address: { city: 'London', state: null } }))
      .yields(updated({ address: { state: null } }))
  })

  it('keeps a key that is set to null, with null', () => {
    given(london)
      .when(upsert({ address: { city: null } }))
      .leadsTo(known({ address: { city: null, postal_code: 'SW1' } }))
  })

  it('is gone as a whole by null, and starts anew after it', () => {
    given(london)
      .when(upsert({ address: null }))
      .yields(updated({ address: null }))
    given(london)
      .when(upsert({ address: null }))
      .leadsTo(known({}))
    given(london, updated({ address: null }))
      .when(upsert({ address: { city: 'Paris' } }))
      .leadsTo(known({ address: { city: 'Paris' } }))
  })
})

describe('The metadata of a customer', () => {
  const english = upserted({ metadata: { lang: 'en', tags: ['a', 'b'], plan: { name: 'gold', seats: 2 } } })

  it('is merged by top-level key', () => {
    given(english)
      .when(upsert({ metadata: { lang: 'pl', vip: true } }))
      .leadsTo(
        known({ metadata: { lang: 'pl', vip: true, tags: ['a', 'b'], plan: { name: 'gold', seats: 2 } } }),
      )
  })

  it('has arrays and deeper objects replaced, not merged', () => {
    given(english)
      .when(upsert({ metadata: { tags: ['c'], plan: { name: 'silver' } } }))
      .leadsTo(known({ metadata: { lang: 'en', tags: ['c'], plan: { name: 'silver' } } }))
  })

  it('changes only by the keys that differ', () => {
    given(english)
      .when(upsert({ metadata: { lang: 'en', tags: ['b', 'a'], new: 1 } }))
      .yields(updated({ metadata: { tags: ['b', 'a'], new: 1 } }))
  })

  it.each([
    ['a number and its text', 1, '1'],
    ['true and its text', true, 'true'],
    ['null and false', null, false],
    ['an empty object and an empty array', {}, []],
    ['an array and an object with the same keys', ['a'], { 0: 'a' }],
  ])('tells %s apart', (_, before, after) => {
    given(upserted({ metadata: { value: before } }))
      .when(upsert({ metadata: { value: after } }))
      .yields(updated({ metadata: { value: after } }))
  })

  it('keeps a key that is set to null, with null', () => {
    given(upserted({ metadata: { test: 123 } }))
      .when(upsert({ metadata: { test: null } }))
      .leadsTo(known({ metadata: { test: null } }))
  })

  it('gains a key that is null from the start', () => {
    given(english)
      .when(upsert({ metadata: { test: null } }))
      .yields(updated({ metadata: { test: null } }))
  })

  it('is gone as a whole by null, and starts anew after it', () => {
    given(english)
      .when(upsert({ metadata: null }))
      .yields(updated({ metadata: null }))
    given(english)
      .when(upsert({ metadata: null }))
      .leadsTo(known({}))
    given(english, updated({ metadata: null }))
      .when(upsert({ metadata: null }))
      .yieldsNothing()
    given(english, updated({ metadata: null }))
      .when(upsert({ metadata: { lang: 'pl' } }))
      .leadsTo(known({ metadata: { lang: 'pl' } }))
  })

  it.each([
    ['1000 keys at its first level', keysUpTo(600), { ...keysUpTo(500), ...keysUpTo(401, 'other') }],
    ['5000 entries', { a: Array(3_000).fill(0) }, { b: { c: Array(3_000).fill(0) } }],
    ['262144 characters', { a: Array(80).fill('x'.repeat(2_000)) }, { b: Array(80).fill('x'.repeat(2_000)) }],
  ])('never comes to more than %s, however many rows it takes', (limit, before, added) => {
    const state = stateOf([{ metadata: before }])
    const refused = expect(() => customerDecider.decide(upsert({ name: 'x', metadata: added }), state))
    refused.toThrow(`.metadata must not have more than ${limit}, with what the customer has already`)
    given(upserted({ metadata: before }))
      .when(upsert({ metadata: null }))
      .yields(updated({ metadata: null }))
  })

  it('may be replaced key by key when it is as large as it may be', () => {
    given(upserted({ metadata: keysUpTo(1_000) }))
      .when(upsert({ metadata: { k0: 'new', k999: null } }))
      .yields(updated({ metadata: { k0: 'new', k999: null } }))
  })

  it('may have keys that mean something to JavaScript objects’ prototypes', () => {
    given(upserted({ metadata: { lang: 'en' } }))
      .when(upsert({ metadata: { toString: 'x', hasOwnProperty: 1 } }))
      .leadsTo(known({ metadata: { lang: 'en', toString: 'x', hasOwnProperty: 1 } }))
  })

  it('never takes a key that is not there for one that JavaScript objects inherit', () => {
    const metadata = JSON.parse('{"__proto__":{}}') as JsonObject
    const state = stateOf([{ metadata: { lang: 'en' } }])
    expect(JSON.stringify(customerDecider.decide(upsert({ metadata }), state))).toContain('{"__proto__":{}}')
    expect(JSON.stringify(after(state, { metadata }))).toContain('{"lang":"en","__proto__":{}}')
    const withMore = JSON.parse('{"lang":"en","__proto__":{"a":1}}') as JsonObject
    const events = JSON.stringify(customerDecider.decide(upsert({ metadata: withMore }), state))
    expect(events).toContain('"metadata":{"__proto__":{"a":1}}')
  })
})

describe('Whatever is asked of a customer', () => {
  const anyHistory = fc.array(anyChanges, { maxLength: 5 })

  it('the events lead to the state that the rules give', () => {
    fc.assert(
      fc.property(anyHistory, anyChanges, (history, changes) => {
        const document = history.reduce(documentAfter, undefined)
        const expected = documentAfter(document, changes)
        expect(after(stateOf(history), changes)).toEqual({
          kind: 'known',
          sourceId: 'ada',
          document: expected,
        })
      }),
      { numRuns: 200 },
    )
  })

  it('asked once more it changes nothing', () => {
    fc.assert(
      fc.property(anyHistory, anyChanges, (history, changes) => {
        expect(customerDecider.decide(upsert(changes), after(stateOf(history), changes))).toEqual([])
      }),
    )
  })

  it('a change that leaves the customer as it was yields no event, and every other yields one', () => {
    fc.assert(
      fc.property(anyHistory, anyChanges, (history, changes) => {
        const document = [{}, ...history].reduce(documentAfter, undefined)
        const events = customerDecider.decide(upsert(changes), stateOf([{}, ...history]))
        expect(events).toHaveLength(isDeepStrictEqual(document, documentAfter(document, changes)) ? 0 : 1)
      }),
    )
  })

  it('the event holds differences and nothing else', () => {
    fc.assert(
      fc.property(anyHistory, anyChanges, (history, changes) => {
        const before = stateOf(history)
        const events = customerDecider.decide(upsert(changes), before)
        events.forEach((event) => {
          expectOnlyDifferences(before, event)
        })
      }),
    )
  })

  it('neither deciding nor applying touches what it is given', () => {
    fc.assert(
      fc.property(anyHistory, anyChanges, (history, changes) => {
        const state = deepFreeze(stateOf(history))
        const events = deepFreeze(customerDecider.decide(deepFreeze(upsert(changes)), state))
        const before = JSON.stringify([state, events])
        fold(customerDecider, state, events)
        expect(JSON.stringify([state, events])).toBe(before)
      }),
    )
  })
})

const after = (state: Customer, changes: CustomerChanges): Customer =>
  fold(customerDecider, state, customerDecider.decide(upsert(changes), state))

const stateOf = (history: CustomerChanges[]): Customer => history.reduce(after, customerDecider.initialState)

function expectOnlyDifferences(before: Customer, event: CustomerEvent): void {
  const document: Record<string, unknown> = before.kind === 'known' ? { ...before.document } : {}
  if (event.type === 'CustomerDeleted') throw new Error('An upsert deletes nothing.')
  const changes = event.type === 'CustomerUpserted' ? event.data.attributes : event.data.changes
  for (const [key, value] of Object.entries(changes)) {
    if (typeof value !== 'object' || value === null) expect(value).not.toBe(document[key] ?? null)
    else expectOnlyDifferentEntries(document[key], value)
  }
}

function expectOnlyDifferentEntries(before: unknown, changes: object): void {
  expect(Object.keys(changes)).not.toHaveLength(0)
  for (const [key, value] of Object.entries(changes)) {
    const current = Object.entries(before ?? {}).find(([name]) => name === key)
    expect(isDeepStrictEqual(current, [key, value])).toBe(false)
  }
}
