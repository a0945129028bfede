import { fold } from '../../kernel/index.js'
import { customerDecider } from './customer.js'
import { ERASED_EVENTS, erasedRow, eraseCsvRows, eraseSourceIds, placesOfPerson } from './erased.js'
import { decideRows } from './decide-rows.js'

const person = { sourceId: 'ada', ids: ['cust_1', 'cust_2'] }
const nameless = { sourceId: null, ids: ['cust_1'] }

describe('A stored chunk that loses a person', () => {
  it('of customers knows all places where the person is', () => {
    const content = [
      { source_id: 'a' },
      { source_id: 'ada', name: 'Ada' },
      { source_id: 'b' },
      { source_id: 'ada' },
    ]
    expect([...placesOfPerson(content, person)]).toEqual([1, 3])
  })

  it.each([
    ['customers', [{ source_id: 'Ada' }, { source_id: 'ada ' }, null], person],
    ['customers, by our id alone', [{ source_id: 'cust_1' }, { source_id: null }], nameless],
    ['no list', { source_id: 'ada' }, person],
  ])('has no such place when none of its %s is the person', (_, content, who) => {
    expect(placesOfPerson(content, who).size).toBe(0)
  })

  it('of source_ids keeps the metadata for the others, and for nobody keeps none', () => {
    const metadata = { lang: 'en' }
    expect(eraseSourceIds({ metadata, source_ids: ['a', 'ada', 'b'] }, person)).toEqual({
      metadata,
      source_ids: ['a', null, 'b'],
    })
    expect(eraseSourceIds({ metadata, source_ids: [null, 'ada', 'ada'] }, person)).toEqual({
      metadata: {},
      source_ids: [null, null, null],
    })
  })

  it.each([
    [
      ['Source_id', 'Name'],
      ['ada', 'Ada'],
      ['a', 'ada'],
    ],
    [
      ['Name', ' SOURCE_ID '],
      ['Ada', 'ada'],
      ['ada', 'a'],
    ],
    [
      ['Id', 'Name'],
      ['cust_2', 'Ada'],
      ['cust_3', 'cust_2'],
    ],
    [
      ['id', 'source_id'],
      ['ada', ''],
      ['', 'a'],
    ],
  ])('of CSV rows with the columns %j loses %j and keeps %j', (columns, lost, kept) => {
    expect(eraseCsvRows({ columns, rows: [kept, lost, kept] }, person)).toEqual({
      columns,
      rows: [kept, null, kept],
    })
  })

  it.each([
    ['source_ids', () => eraseSourceIds({ metadata: { ada: 'ada' }, source_ids: ['a', null] }, person)],
    ['CSV rows', () => eraseCsvRows({ columns: ['email'], rows: [['ada'], null] }, person)],
    ['what it does not know', () => eraseCsvRows({ rows: [['ada']] }, person)],
    ['no object at all', () => eraseSourceIds(null, person) ?? eraseCsvRows(3, person)],
  ])('is left alone when none of its %s names the person', (_, erase) => {
    expect(erase()).toBeUndefined()
  })
})

describe('An erased row', () => {
  it('fails, names nobody and creates nobody', () => {
    const loaded = { bySourceId: new Map(), byId: new Map() }
    const { outcomes, changed } = decideRows([{ ...erasedRow(), occurredAt: 1 }], loaded, () => 'cust_1')
    expect(changed).toEqual([])
    expect(outcomes).toEqual([
      {
        sourceId: '',
        found: false,
        updated: false,
        failure: {
          key: 'customer_erased',
          message: 'Customer erased',
          details: 'The customer was deleted permanently before this row was carried out.',
        },
      },
    ])
  })
})

describe('Erased events', () => {
  it('lead to a customer of whom nothing is known', () => {
    const state = fold(customerDecider, customerDecider.initialState, ERASED_EVENTS)
    expect(state).toEqual({ kind: 'known', sourceId: null, document: { address: null } })
  })
})
