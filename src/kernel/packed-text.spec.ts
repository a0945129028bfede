import fc from 'fast-check'
import { brotliCompressSync, constants } from 'node:zlib'
import { MAX_UNPACKED_BYTES, pack, unpack } from './packed-text.js'

type Codec = { unpack: typeof unpack }

const bytesOf = (text: string): Uint8Array => Buffer.from(text)

describe('A text that is packed', () => {
  it.each(['', 'null', '[{"text" : "\\u0000 😀"} ]', '\ufeff[]', '\0', '"'.repeat(1_000_000)])(
    'comes out as it went in (%#)',
    (text) => {
      expect(unpack(pack(bytesOf(text)))).toBe(text)
    },
  )

  it('comes out as it went in, whatever it is', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 2_000 }), fc.nat(200), (text, times) => {
        const repeated = text.repeat(times)
        expect(unpack(pack(bytesOf(repeated)))).toBe(repeated)
      }),
      { numRuns: 300 },
    )
  })

  it('is a fraction of its size when it repeats itself, and hardly larger when it does not', () => {
    const rows = JSON.stringify(Array.from({ length: 1_000 }, (_, row) => ({ source_id: `crm-${row}` })))
    expect(pack(bytesOf(rows)).length).toBeLessThan(rows.length / 4)
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 5_000 }), (noise) => {
        expect(pack(noise).length).toBeLessThanOrEqual(noise.length + 16)
      }),
    )
  })

  it('has its memory to itself, however short it is, and can be given away', () => {
    for (const text of ['[]', 'x'.repeat(100_000), Array.from({ length: 100_000 }, Math.random).join()]) {
      const packed = pack(bytesOf(text))
      expect([packed.byteOffset, packed.buffer.byteLength]).toEqual([0, packed.length])
      const given = structuredClone(packed, { transfer: [packed.buffer as ArrayBuffer] })
      expect(packed.length).toBe(0)
      expect(unpack(given)).toBe(text)
    }
  })

  it('may be as large as what is unpacked may be, and not larger', () => {
    const largest = new Uint8Array(MAX_UNPACKED_BYTES).fill(0x20)
    expect(unpack(pack(largest))).toHaveLength(MAX_UNPACKED_BYTES)
    expect(() => pack(new Uint8Array(MAX_UNPACKED_BYTES + 1))).toThrow(RangeError)
  })
})

describe('Bytes that are damaged', () => {
  it('are told when they break off', () => {
    fc.assert(
      fc.property(fc.json(), fc.nat(), (text, cut) => {
        const packed = pack(bytesOf(text))
        expect(unpack(packed.subarray(0, cut % packed.length))).toBeUndefined()
      }),
    )
  })

  it('are told, or are another text: nothing else comes of them', () => {
    const damage = fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 5 })
    fc.assert(
      fc.property(fc.json(), damage, (text, changes) => {
        const packed = pack(bytesOf(text))
        for (const [place, byte] of changes) packed[place % packed.length] = byte
        expect(['string', 'undefined']).toContain(typeof unpack(packed))
      }),
      { numRuns: 1_000 },
    )
  })

  it('are told when they stand for more than there may be, at the price of what there may be', () => {
    const params = { [constants.BROTLI_PARAM_QUALITY]: 1 }
    const bomb = brotliCompressSync(new Uint8Array(4 * MAX_UNPACKED_BYTES), { params })
    const before = process.memoryUsage().arrayBuffers
    expect(unpack(bomb)).toBeUndefined()
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(2 * MAX_UNPACKED_BYTES)
  })

  it('are told when they are no text', () => {
    expect(unpack(pack(Uint8Array.of(0x22, 0xff, 0x22)))).toBeUndefined()
    expect(unpack(Uint8Array.of())).toBeUndefined()
  })
})

it('Lack of memory is no damage: it is thrown, and the work is tried again', () => {
  jest.isolateModules(() => {
    jest.doMock('node:zlib', () => ({
      ...jest.requireActual<object>('node:zlib'),
      brotliDecompressSync: () => {
        throw new RangeError('Array buffer allocation failed')
      },
    }))
    const { unpack } = jest.requireActual<Codec>('./packed-text.js')
    expect(() => unpack(Uint8Array.of(1))).toThrow('allocation failed')
  })
})
