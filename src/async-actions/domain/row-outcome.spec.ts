import { type RowOutcome } from '../../kernel/index.js'
import fc from 'fast-check'
import { packOutcomes, unpackOutcomes } from './row-outcome.js'

const failure = { key: 'invalid_customer', message: 'Invalid customer', details: 'It is wrong.' }

const anyOutcome: fc.Arbitrary<RowOutcome> = fc
  .record({
    sourceId: fc.string({ unit: 'binary' }),
    kind: fc.constantFrom('upserted', 'changed', 'unchanged', 'failed', 'failedFound'),
    words: fc.record({ key: fc.string(), message: fc.string(), details: fc.string({ unit: 'binary' }) }),
  })
  .map(({ sourceId, kind, words }) => ({
    sourceId,
    found: kind !== 'upserted' && kind !== 'failed',
    updated: kind === 'upserted' || kind === 'changed',
    ...(kind.startsWith('failed') && { failure: words }),
  }))

describe('The outcomes of a chunk', () => {
  it('are packed into one letter per row, with the failures beside', () => {
    const outcomes = [
      { sourceId: 'a', found: false, updated: true },
      { sourceId: 'b', found: true, updated: true },
      { sourceId: 'c', found: true, updated: false },
      { sourceId: 'd', found: true, updated: false, failure },
      { sourceId: 'e', found: false, updated: false, failure },
    ]
    expect(packOutcomes(7, 40, outcomes)).toEqual({
      chunk: 7,
      first_row: 40,
      row_count: 5,
      failed_count: 2,
      source_ids: ['a', 'b', 'c', 'd', 'e'],
      outcomes: 'ucnFf',
      failures: [
        { row: 3, ...failure },
        { row: 4, ...failure },
      ],
    })
  })

  it('may be none', () => {
    expect(unpackOutcomes(packOutcomes(0, 0, []))).toEqual([])
  })

  it('come out as they went in, also through JSON', () => {
    fc.assert(
      fc.property(fc.array(anyOutcome, { maxLength: 30 }), (outcomes) => {
        const stored = JSON.parse(JSON.stringify(packOutcomes(0, 0, outcomes))) as ReturnType<
          typeof packOutcomes
        >
        expect(unpackOutcomes(stored)).toEqual(outcomes)
      }),
    )
  })

  it('are counted: every row, and those that failed', () => {
    fc.assert(
      fc.property(fc.array(anyOutcome, { maxLength: 30 }), (outcomes) => {
        const { row_count, failed_count, outcomes: letters } = packOutcomes(0, 0, outcomes)
        expect(row_count).toBe(outcomes.length)
        expect(failed_count).toBe(outcomes.filter(({ failure }) => failure).length)
        expect(letters).toHaveLength(outcomes.length)
      }),
    )
  })
})
