import fc from 'fast-check'
import { Budget } from './budget.js'

const never = new AbortController().signal

/** Asks for `size`, and notes when it was let in. */
function ask(budget: Budget, size: number, admitted: string[], name: string, signal = never) {
  return budget.take(size, signal).then((release) => {
    admitted.push(name)
    return release
  })
}
const settled = () => new Promise((resolve) => setImmediate(resolve))

describe('A budget', () => {
  it('lets in what fits together, and the next when there is room again', async () => {
    const budget = new Budget(10)
    const admitted: string[] = []
    const release = await ask(budget, 6, admitted, 'a')
    await ask(budget, 4, admitted, 'b')
    void ask(budget, 5, admitted, 'c')
    await settled()
    expect(admitted).toEqual(['a', 'b'])
    release()
    await settled()
    expect(admitted).toEqual(['a', 'b', 'c'])
  })

  it('lets nobody overtake: a small one waits behind a large one', async () => {
    const budget = new Budget(10)
    const admitted: string[] = []
    const release = await ask(budget, 6, admitted, 'a')
    void ask(budget, 10, admitted, 'large')
    void ask(budget, 1, admitted, 'small')
    await settled()
    expect(admitted).toEqual(['a'])
    release()
    await settled()
    expect(admitted).toEqual(['a', 'large'])
  })

  it('lets in what is larger than all there is, alone', async () => {
    const budget = new Budget(10)
    const admitted: string[] = []
    const release = await ask(budget, 99, admitted, 'huge')
    void ask(budget, 1, admitted, 'small')
    await settled()
    expect(admitted).toEqual(['huge'])
    release()
    await settled()
    expect(admitted).toEqual(['huge', 'small'])
  })

  it('lets whoever stood behind one that gave up in at once', async () => {
    const budget = new Budget(10)
    const admitted: string[] = []
    await ask(budget, 6, admitted, 'a')
    const patience = new AbortController()
    const large = ask(budget, 10, admitted, 'large', patience.signal)
    void ask(budget, 4, admitted, 'small')
    patience.abort(new Error('gone'))
    await expect(large).rejects.toThrow('gone')
    expect(admitted).toEqual(['a', 'small'])
  })

  it('does not let in who gave up before asking', async () => {
    await expect(new Budget(10).take(1, AbortSignal.abort(new Error('gone')))).rejects.toThrow('gone')
  })

  it('takes back once what is given back twice', async () => {
    const budget = new Budget(10)
    const admitted: string[] = []
    const release = await ask(budget, 5, admitted, 'a')
    await ask(budget, 5, admitted, 'b')
    release()
    release()
    await ask(budget, 5, admitted, 'c')
    void ask(budget, 1, admitted, 'd')
    await settled()
    expect(admitted).toEqual(['a', 'b', 'c'])
  })

  it('is never exceeded, and keeps the order of those who stay, whoever comes and goes', async () => {
    const visitor = fc.record({ size: fc.nat(14), leaves: fc.boolean() })
    await fc.assert(
      fc.asyncProperty(fc.array(visitor, { maxLength: 30 }), async (visitors) => {
        const budget = new Budget(10)
        const admitted: number[] = []
        let used = 0
        const visits = visitors.map(async ({ size, leaves }, index) => {
          const patience = new AbortController()
          const turn = budget.take(size, patience.signal)
          if (leaves)
            setImmediate(() => {
              patience.abort(new Error('gone'))
            })
          const release = await turn
          admitted.push(index)
          used += Math.min(size, 10)
          expect(used).toBeLessThanOrEqual(10)
          await settled()
          used -= Math.min(size, 10)
          release()
        })
        const outcomes = await Promise.allSettled(visits)
        expect(admitted).toEqual([...admitted].sort((one, other) => one - other))
        outcomes.forEach(({ status }, index) => {
          expect(status === 'fulfilled').toBe(admitted.includes(index))
          if (visitors[index]?.leaves === false) expect(status).toBe('fulfilled')
        })
      }),
    )
  })
})
