import fc from 'fast-check'
import { createHash } from 'node:crypto'
import { brotliCompressSync, deflateSync } from 'node:zlib'
import { MAX_UNPACKED_BYTES, pack, unpack } from './packed-text.js'

type Codec = { unpack: typeof unpack }

const bytesOf = (text: string): Uint8Array => Buffer.from(text)
const textOf = (packed: Uint8Array): string | undefined => unpack(packed)?.toString()

function flip(bytes: Uint8Array, bit: number): void {
  const place = bit >> 3
  bytes[place] = (bytes[place] ?? 0) ^ (1 << (bit & 7))
}

describe('A text that is packed', () => {
  it.each(['', 'null', '[{"text" : "\\u0000 😀"} ]', '\ufeff[]', '\0', '"'.repeat(1_000_000)])(
    'comes out as it went in (%#)',
    (text) => {
      expect(textOf(pack(bytesOf(text)))).toBe(text)
    },
  )

  it('comes out as it went in, whatever it is', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 2_000 }), fc.nat(200), (text, times) => {
        const repeated = text.repeat(times)
        expect(textOf(pack(bytesOf(repeated)))).toBe(repeated)
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
      expect(textOf(given)).toBe(text)
    }
  })

  it('may be as large as what is unpacked may be, and not larger', () => {
    const largest = new Uint8Array(MAX_UNPACKED_BYTES).fill(0x20)
    expect(unpack(pack(largest))).toHaveLength(MAX_UNPACKED_BYTES)
    expect(() => pack(new Uint8Array(MAX_UNPACKED_BYTES + 1))).toThrow(RangeError)
  })
})

/** With form and checksum, as if we had packed it. */
const sealed = (content: Buffer): Buffer => {
  const checksum = createHash('sha256').update(content).digest().subarray(0, 8)
  return Buffer.concat([Buffer.of(1), checksum, content])
}

describe('A text that was packed by a build from before', () => {
  const deflated = (text: string): Buffer => deflateSync(bytesOf(text), { level: 1 })

  it('comes out as it went in', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        expect(textOf(deflated(text))).toBe(text)
      }),
    )
  })

  it('is told to be damaged when it breaks off, is followed by anything, or has another bit than it had', () => {
    const text = JSON.stringify(Array.from({ length: 5 }, (_, row) => ({ source_id: `crm-${row}`, row })))
    const packed = deflated(text)
    expect(unpack(packed.subarray(0, -1))).toBeUndefined()
    expect(unpack(Buffer.concat([packed, Buffer.of(0)]))).toBeUndefined()
    // Bits that are only there to fill the byte before its checksum make no other text.
    for (let bit = 0; bit < 8 * packed.length; bit += 1) {
      flip(packed, bit)
      expect([undefined, text]).toContain(textOf(packed))
      flip(packed, bit)
    }
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

  it('are told when anything follows them', () => {
    fc.assert(
      fc.property(fc.json(), fc.uint8Array({ minLength: 1, maxLength: 20 }), (text, more) => {
        expect(unpack(Buffer.concat([pack(bytesOf(text)), more]))).toBeUndefined()
      }),
    )
  })

  it('are told whichever bit of them is another', () => {
    const text = JSON.stringify(Array.from({ length: 5 }, (_, row) => ({ source_id: `crm-${row}`, row })))
    const packed = pack(bytesOf(text))
    for (let bit = 0; bit < 8 * packed.length; bit += 1) {
      flip(packed, bit)
      expect(unpack(packed)).toBeUndefined()
      flip(packed, bit)
    }
    expect(textOf(packed)).toBe(text)
  })

  it('are told when some of them are others', () => {
    const damage = fc.array(fc.tuple(fc.nat(), fc.integer({ min: 1, max: 255 })), {
      minLength: 1,
      maxLength: 5,
    })
    fc.assert(
      fc.property(fc.json(), damage, (text, changes) => {
        const intact = pack(bytesOf(text))
        const packed = intact.slice()
        for (const [place, change] of changes) {
          const at = place % packed.length
          packed[at] = (packed[at] ?? 0) ^ change
        }
        fc.pre(!Buffer.from(intact).equals(packed))
        expect(unpack(packed)).toBeUndefined()
      }),
      { numRuns: 300 },
    )
  })

  it('are told when they stand for more than there may be, at the price of what there may be', () => {
    const tooMuch = new Uint8Array(4 * MAX_UNPACKED_BYTES)
    for (const bomb of [deflateSync(tooMuch, { level: 1 }), sealed(brotliCompressSync(tooMuch))]) {
      const before = process.memoryUsage().arrayBuffers
      expect(unpack(bomb)).toBeUndefined()
      expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(2 * MAX_UNPACKED_BYTES)
    }
  })

  it('are told when they are no text', () => {
    expect(unpack(pack(Uint8Array.of(0x22, 0xff, 0x22)))).toBeUndefined()
    expect(unpack(Uint8Array.of())).toBeUndefined()
  })
})

describe.each(['brotliDecompressSync', 'inflateSync'])('Lack of memory in %s', (decompress) => {
  it.each([
    new RangeError('Array buffer allocation failed'),
    Object.assign(new Error('insufficient memory'), { code: 'Z_MEM_ERROR' }),
    Object.assign(new Error('Decompression failed'), { code: 'ERR__ERROR_ALLOC_RING_BUFFER_1' }),
    Object.assign(new Error('Initialization failed'), { code: 'ERR_ZLIB_INITIALIZATION_FAILED' }),
  ])('is no damage: it is thrown, and the work is tried again (%#)', (lack) => {
    const packed = decompress === 'inflateSync' ? deflateSync('[]') : pack(bytesOf('[]'))
    jest.isolateModules(() => {
      jest.doMock('node:zlib', () => ({
        ...jest.requireActual<object>('node:zlib'),
        [decompress]: () => {
          throw lack
        },
      }))
      const { unpack } = jest.requireActual<Codec>('./packed-text.js')
      expect(() => unpack(packed)).toThrow(lack.message)
    })
  })
})
