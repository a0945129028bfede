import { seldom } from './seldom.js'

describe('Something that is told seldom', () => {
  beforeEach(() => jest.useFakeTimers())
  afterEach(() => jest.useRealTimers())

  it('is told at the first time, and then at most once in a while, with how often it has happened', () => {
    const said: number[] = []
    const happened = seldom(60_000, (times) => said.push(times))
    happened()
    expect(said).toEqual([1])
    for (let times = 0; times < 5; times++) happened()
    jest.advanceTimersByTime(59_999)
    happened()
    expect(said).toEqual([1])
    jest.advanceTimersByTime(1)
    happened()
    expect(said).toEqual([1, 7])
    jest.advanceTimersByTime(3_600_000)
    expect(said).toEqual([1, 7])
    happened()
    expect(said).toEqual([1, 7, 1])
  })
})
