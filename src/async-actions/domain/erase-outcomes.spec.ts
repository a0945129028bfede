import fc from 'fast-check'
import { eraseOutcomes, type Subject } from './erase-outcomes.js'
import { type RowOutcome } from '../../kernel/index.js'
import { packOutcomes, unpackOutcomes } from './row-outcome.js'

const failed = (sourceId: string, details: string): RowOutcome => ({
  sourceId,
  found: false,
  updated: false,
  failure: { key: 'invalid_customer', message: 'Invalid customer', details },
})
const done = (sourceId: string): RowOutcome => ({ sourceId, found: true, updated: true })

const erase = (subject: Partial<Subject>, ...outcomes: RowOutcome[]): RowOutcome[] | undefined => {
  const erased = eraseOutcomes(packOutcomes(7, 70, outcomes), { sourceId: null, ids: [], ...subject })
  return erased && unpackOutcomes(erased)
}

describe('Outcomes that lose somebody', () => {
  it('keep the row and what became of it, without its source_id', () => {
    expect(erase({ sourceId: 'a' }, done('b'), done('a'))).toEqual([done('b'), done('')])
  })

  it('keep why the row failed, without the details', () => {
    expect(erase({ sourceId: 'a' }, failed('a', 'of a'), failed('b', 'of b'))).toEqual([
      failed('', ''),
      failed('b', 'of b'),
    ])
  })

  it('lose details that name an id of ours, or an id that was sent and is the source_id', () => {
    const [ours, sent] = ['Cannot find customer with id cust_1', 'Cannot find customer with id a']
    expect(erase({ sourceId: 'a', ids: ['cust_1'] }, failed('', ours), failed('', sent))).toEqual([
      failed('', ''),
      failed('', ''),
    ])
  })

  it.each([
    ['begins like it', done('ab')],
    ['is written differently', done('A')],
    ['is empty', done('')],
    ['has a failure about another id', failed('b', 'Cannot find customer with id ab')],
  ])('are left alone where a name %s', (_, outcome) => {
    expect(erase({ sourceId: 'a', ids: ['cust_1'] }, outcome)).toBeUndefined()
  })

  it('are left alone when only our ids are to be forgotten and none is named', () => {
    expect(erase({ ids: ['cust_1'] }, done(''), failed('a', 'x'))).toBeUndefined()
  })

  it('never change what counts, and erased twice are as erased once', () => {
    const outcome = fc.record({ name: fc.constantFrom('a', 'b', ''), fails: fc.boolean() })
    fc.assert(
      fc.property(fc.array(outcome), (rows) => {
        const data = packOutcomes(
          0,
          0,
          rows.map(({ name, fails }) => (fails ? failed(name, `of ${name}`) : done(name))),
        )
        const subject = { sourceId: 'a', ids: [] }
        const erased = eraseOutcomes(data, subject)
        if (erased === undefined) return !data.source_ids.includes('a')
        expect({ ...erased, source_ids: data.source_ids, failures: data.failures }).toEqual(data)
        return !JSON.stringify(erased).includes('"a"') && eraseOutcomes(erased, subject) === undefined
      }),
    )
  })
})
