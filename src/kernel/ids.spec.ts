import {
  firstCustomerIdOf,
  isAsyncActionId,
  newAsyncActionId,
  newCustomerId,
  newRequestId,
  randomAlphanumerics,
} from './ids.js'

const many = (make: () => string): string[] => Array.from({ length: 10_000 }, make)

afterEach(() => jest.restoreAllMocks())

describe.each([
  ['an asynchronous action', newAsyncActionId, /^aa_[0-9a-f]{18}$/],
  ['a request', newRequestId, /^v-[0-9a-f]{18}$/],
  ['a customer', () => newCustomerId(Date.now() * 1_000), /^cust_[0-9A-Za-z]{24}$/],
])('The id of %s', (_, newId, form) => {
  it('has the form of the contract', () => {
    for (const id of many(newId)) expect(id).toMatch(form)
  })

  it('is not given twice, not even within a millisecond', () => {
    jest.spyOn(Date, 'now').mockReturnValue(Date.UTC(2026, 0, 1))
    const ids = many(newId).slice(0, 100)
    expect(new Set(ids).size).toBe(ids.length)
  })

  it('is greater than every id of an earlier millisecond, compared byte by byte', () => {
    const clock = jest.spyOn(Date, 'now')
    const times = [
      ...[2022, 2026, 2026.5, 2030, 2099, 2250].map((year) => Date.UTC(Math.floor(year), (year % 1) * 12)),
      ...Array.from({ length: 200 }, (_, millisecond) => Date.UTC(2026, 0, 1) + millisecond),
      ...Array.from({ length: 50 }, (_, power) => Date.UTC(2026, 0, 1) + 2 ** (power / 1.5)),
    ]
      .map(Math.floor)
      .sort((one, other) => one - other)
    const ids = [...new Set(times)].map((time) => {
      clock.mockReturnValue(time)
      return newId()
    })
    expect([...ids].sort((one, other) => Buffer.compare(Buffer.from(one), Buffer.from(other)))).toEqual(ids)
  })
})

describe('The ids of customers', () => {
  it('are in the order of their instants of creation, to the microsecond', () => {
    const instants = [0, 1, 61, 62, 1_795_438_800_000_000, 1_795_438_800_000_001, 7_258_118_400_000_000]
    const ids = instants.map(newCustomerId)
    expect([...ids].sort()).toEqual(ids)
    for (const [index, id] of ids.entries()) {
      expect(id >= firstCustomerIdOf(instants[index] ?? 0)).toBe(true)
      expect(id < firstCustomerIdOf((instants[index] ?? 0) + 1)).toBe(true)
    }
  })

  it('have a first and a last for instants beyond all reason', () => {
    expect(firstCustomerIdOf(-5)).toBe('cust_000000000')
    expect(firstCustomerIdOf(Number.MAX_VALUE)).toBe(firstCustomerIdOf(Number.MAX_SAFE_INTEGER))
  })
})

describe('The look for ids of asynchronous actions', () => {
  it('knows its own', () => {
    expect(isAsyncActionId(newAsyncActionId())).toBe(true)
    expect(isAsyncActionId('aa_0a875d56c805df6601')).toBe(true)
  })

  it.each([
    '',
    'aa_',
    'aa_0a875d56c805df660',
    'aa_0a875d56c805df66011',
    'aa_0A875D56C805DF6601',
    'aa_0a875d56c805df660g',
    'v-0a875d56c805df6601',
    ' aa_0a875d56c805df6601',
    'aa_0a875d56c805df6601\n',
    '../aa_0a875d56c805df6601',
    'aa_0a875d56c805df6601\0',
  ])('does not take %j for one', (text) => {
    expect(isAsyncActionId(text)).toBe(false)
  })
})

describe('Random alphanumerics', () => {
  it.each([1, 2, 22, 50, 1_000])('are as many as asked for: %d', (length) => {
    expect(randomAlphanumerics(length)).toMatch(new RegExp(`^[0-9A-Za-z]{${String(length)}}$`))
  })

  it('use all letters and digits', () => {
    expect(new Set(randomAlphanumerics(20_000)).size).toBe(62)
  })

  it('differ', () => {
    expect(new Set(many(() => randomAlphanumerics(22))).size).toBe(10_000)
  })
})
