import { Rollcall } from './rollcall.js'

describe('the Rollcall of a test', () => {
  it('ends what is being started when it is stopped, and starts nothing afterwards', async () => {
    const rollcall = await Rollcall.start({ workers: 0 })
    const underWay = expect(rollcall.startWorker()).rejects.toThrow('ended with null before it was ready')
    await rollcall.stop()
    await underWay
    await expect(rollcall.startWorker()).rejects.toThrow('its test has ended')
    await expect(rollcall.call('GET', '/health/live')).rejects.toThrow('its test has ended')
  })
})
