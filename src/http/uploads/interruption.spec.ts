import { Interruption } from './interruption.js'

const never = new Promise<never>(() => undefined)
const slow = new Error('slow')

describe('What is waited for', () => {
  it('comes to what it comes to while nothing interrupts it', async () => {
    const interruption = new Interruption()
    await expect(interruption.wait(Promise.resolve(1))).resolves.toBe(1)
    await expect(interruption.wait(Promise.reject(slow))).rejects.toBe(slow)
    await expect(interruption.wait(Promise.resolve(2))).resolves.toBe(2)
  })

  it('is broken off', async () => {
    const interruption = new Interruption()
    const waiting = interruption.wait(never)
    interruption.interrupt(slow)
    await expect(waiting).rejects.toBe(slow)
  })

  it('is broken off by the first cause, also when it came before, and whatever becomes of the work', async () => {
    const interruption = new Interruption()
    interruption.interrupt(slow)
    interruption.interrupt(new Error('later'))
    await expect(interruption.wait(Promise.resolve(1))).rejects.toBe(slow)
    await expect(interruption.wait(Promise.reject(new Error('broken')))).rejects.toBe(slow)
  })
})
