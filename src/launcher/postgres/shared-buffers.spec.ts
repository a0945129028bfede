import { memoryHere, sharedBuffers } from './shared-buffers.js'

const GIGABYTE = 1_073_741_824

describe('The pages that PostgreSQL keeps at hand', () => {
  it.each([
    ['a small machine', 0.5, 128],
    ['a laptop', 4, 768],
    ['a server', 24, 5_888],
    ['a large machine', 64, 8_192],
  ])('take a quarter of the memory that others leave, within limits: %s', (_, gigabytes, megabytes) => {
    expect(sharedBuffers(gigabytes * GIGABYTE)).toBe(megabytes)
  })

  it('are told to PostgreSQL in whole megabytes', () => {
    expect(sharedBuffers(3_333_333_333)).toBe(539)
    expect(sharedBuffers(memoryHere()) % 1).toBe(0)
  })
})
