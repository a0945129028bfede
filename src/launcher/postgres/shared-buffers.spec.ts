import { memoryHere, sharedBuffers } from './shared-buffers.js'

const GIGABYTE = 1_073_741_824

describe('The pages that PostgreSQL keeps at hand', () => {
  it.each([
    ['a small machine', 0.5, 128],
    ['a laptop', 4, 512],
    ['a server', 24, 3_072],
    ['a large machine', 64, 4_096],
  ])('take an eighth of the memory, within limits: %s', (_, gigabytes, megabytes) => {
    expect(sharedBuffers(gigabytes * GIGABYTE)).toBe(megabytes)
  })

  it('are told to PostgreSQL in whole megabytes', () => {
    expect(sharedBuffers(3_333_333_333)).toBe(397)
    expect(sharedBuffers(memoryHere()) % 1).toBe(0)
  })
})
