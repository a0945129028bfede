import { deferred } from '../../../test/support/deferred.factory.js'
import { Seclusion } from './seclusion.js'

/** Work that ends when the test lets it, and notes when it begins. */
function work(log: string[], name: string) {
  const end = deferred()
  return {
    end: end.resolve,
    fail: end.reject,
    run: async () => {
      log.push(name)
      await end.promise
    },
  }
}

/** All that can go on by itself has gone on. */
const settled = () => new Promise((resolve) => setImmediate(resolve))

describe('Seclusion', () => {
  let seclusion: Seclusion
  let log: string[]

  beforeEach(() => {
    seclusion = new Seclusion()
    log = []
  })

  it('lets work go on side by side', async () => {
    const [a, b] = [work(log, 'a'), work(log, 'b')]
    const all = Promise.all([seclusion.beside(a.run), seclusion.beside(b.run)])
    expect(log).toEqual(['a', 'b'])
    expect(seclusion.isOn).toBe(false)
    a.end(undefined)
    b.end(undefined)
    await all
  })

  it('begins what must be alone when the others have ended, however they did, and holds up who asks before', async () => {
    const [a, b, alone] = [work(log, 'a'), work(log, 'b'), work(log, 'alone')]
    const failing = seclusion.beside(a.run)
    const besides = seclusion.beside(b.run)
    const secluded = seclusion.alone(alone.run)
    let isOver = false
    const over = seclusion.isOver().then(() => (isOver = true))
    expect(seclusion.isOn).toBe(true)
    a.fail(new Error('a fault'))
    await expect(failing).rejects.toThrow('a fault')
    await settled()
    expect(log).toEqual(['a', 'b'])
    b.end(undefined)
    await besides
    await settled()
    expect(log).toEqual(['a', 'b', 'alone'])
    expect(isOver).toBe(false)
    alone.end(undefined)
    await secluded
    await over
    expect(seclusion.isOn).toBe(false)
  })

  it('is over also when what was alone failed', async () => {
    const alone = work(log, 'alone')
    const secluded = seclusion.alone(alone.run)
    alone.fail(new Error('a fault'))
    await expect(secluded).rejects.toThrow('a fault')
    await seclusion.isOver()
    expect(seclusion.isOn).toBe(false)
  })
})
