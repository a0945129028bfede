import { memoryHere, sharedBuffers } from './shared-buffers.js'

const GIGABYTE = 1_073_741_824

describe('The pages that PostgreSQL keeps at hand', () => {
  it.each([
    ['a small machine', 0.5, 128],
    ['a laptop', 4, 1_024],
    ['a server', 24, 6_144],
    ['a large machine', 64, 8_192],
  ])('take a quarter of the memory, within limits: %s', (_, gigabytes, megabytes) => {
    expect(sharedBuffers(gigabytes * GIGABYTE)).toBe(megabytes)
  })

  it('are told to PostgreSQL in whole megabytes', () => {
    expect(sharedBuffers(3_333_333_333)).toBe(795)
    expect(sharedBuffers(memoryHere()) % 1).toBe(0)
  })
})
