import fc from 'fast-check'
import { RequestError } from '../../kernel/index.js'
import { cutMetadata, type MetadataChunk } from './cut-metadata.js'

const LIMITS = { chunkBytes: 600_000, maxStringLength: 2_000 }
const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text)

const cutBytes = (bytes: Uint8Array, chunkBytes = LIMITS.chunkBytes) =>
  [...cutMetadata(bytes, { ...LIMITS, chunkBytes })].map(({ firstRow, rowCount, rows }) => ({
    firstRow,
    rowCount,
    ...(JSON.parse(Buffer.from(rows).toString()) as MetadataChunk),
  }))

const cut = (payload: unknown, chunkBytes?: number) => cutBytes(bytesOf(JSON.stringify(payload)), chunkBytes)

function refusal(body: string | Uint8Array): [string | undefined, string | undefined] {
  try {
    cutBytes(typeof body === 'string' ? bytesOf(body) : body)
  } catch (error) {
    expect(error).toBeInstanceOf(RequestError)
    const { status, key, details } = error as RequestError
    expect(status).toBe(400)
    return [key, details]
  }
  throw new Error('It was not refused.')
}

describe('A metadata update', () => {
  it('is cut into chunks that each have the metadata', () => {
    const metadata = { tier: 'gold', nested: { list: [1, null] } }
    expect(cut({ source_ids: ['a', 'b'], metadata })).toEqual([
      { firstRow: 0, rowCount: 2, metadata, source_ids: ['a', 'b'] },
    ])
    expect(cut({ source_ids: ['a', 'b', 'a'], metadata }, 1)).toEqual([
      { firstRow: 0, rowCount: 1, metadata, source_ids: ['a'] },
      { firstRow: 1, rowCount: 1, metadata, source_ids: ['b'] },
      { firstRow: 2, rowCount: 1, metadata, source_ids: ['a'] },
    ])
  })

  it('counts the metadata for each customer, so that chunks stay as small as their effect', () => {
    const metadata = { text: 'x'.repeat(1_000) }
    const sourceIds = Array.from({ length: 100 }, (_, n) => `c${n}`)
    expect(cut({ source_ids: sourceIds, metadata }, 10_100).map(({ rowCount }) => rowCount)).toEqual(
      Array.from({ length: 10 }, () => 10),
    )
  })

  it('may begin with a byte order mark, have blanks, unknown keys and no metadata in its metadata', () => {
    expect(cutBytes(bytesOf('\ufeff \n{"other":[[{}]], "metadata" : {}, "source_ids":["a"]} \r\n'))).toEqual([
      { firstRow: 0, rowCount: 1, metadata: {}, source_ids: ['a'] },
    ])
  })

  it('leaves to each row a source_id that no customer can have', () => {
    const sourceIds = ['nul\0', 'lone\ud800', 'x'.repeat(300), ' ']
    expect(cut({ source_ids: sourceIds, metadata: {} }).flatMap((chunk) => chunk.source_ids)).toEqual(
      sourceIds,
    )
  })

  it.each<[string, string, string | Uint8Array]>([
    ['invalid_payload', 'Payload should be a JSON object, but the body is empty', ''],
    ['invalid_payload', 'Payload is not valid UTF-8', Uint8Array.of(0x7b, 0xff, 0x7d)],
    ['invalid_payload', 'Payload is not valid JSON at byte 1 (line 1, column 2)', '{'],
    [
      'invalid_payload',
      'Payload is not valid JSON at byte 19 (line 1, column 20)',
      '{"source_ids":["a",],"metadata":{}}',
    ],
    ['invalid_payload', 'Payload is not valid JSON at byte 1 (line 1, column 2)', "{'source_ids':[]}"],
    [
      'invalid_payload',
      'Payload is not valid JSON at byte 36 (line 1, column 37)',
      '{"source_ids":["a"],"metadata":{"n":NaN}}',
    ],
    [
      'invalid_payload',
      'Payload is not valid JSON at byte 35 (line 1, column 36)',
      '{"source_ids":["a"],"metadata":{}} x',
    ],
    ['invalid_payload', 'Payload should be a JSON object', '[]'],
    ['invalid_payload', 'Payload should be a JSON object', 'null'],
    ['invalid_payload', 'Payload should be a JSON object', '5'],
    ['not_enough_source_ids', 'Specify at least 1 source_id', '{"metadata":{}}'],
    ['not_enough_source_ids', 'Specify at least 1 source_id', '{"source_ids":null,"metadata":{}}'],
    ['not_enough_source_ids', 'Specify at least 1 source_id', '{"source_ids":[],"metadata":{}}'],
    ['invalid_payload', 'Property .source_ids must be array', '{"source_ids":"a","metadata":{}}'],
    ['invalid_payload', 'Property .source_ids[1] must be string', '{"source_ids":["a",5],"metadata":{}}'],
    ['invalid_payload', 'Property .source_ids[0] must be string', '{"source_ids":[null],"metadata":{}}'],
    [
      'invalid_payload',
      'Property .source_ids[3] must not be empty',
      '{"source_ids":["a","b","c",""],"metadata":{}}',
    ],
    ['invalid_payload', "Payload should have required property 'metadata'", '{"source_ids":["a"]}'],
    ['invalid_payload', 'Property .metadata must be object', '{"source_ids":["a"],"metadata":null}'],
    ['invalid_payload', 'Property .metadata must be object', '{"source_ids":["a"],"metadata":[1]}'],
    [
      'metadata_validation_failed',
      'Property .metadata must not have the key __proto__',
      '{"source_ids":["a"],"metadata":{"__proto__":1}}',
    ],
    [
      'metadata_validation_failed',
      'Property .metadata.a must not contain the character U+0000',
      '{"source_ids":["a"],"metadata":{"a":"\\u0000"}}',
    ],
    [
      'metadata_validation_failed',
      'Property .metadata.n must be a number within the range of a double',
      '{"source_ids":["a"],"metadata":{"n":1e400}}',
    ],
    ['invalid_payload', 'Payload is nested deeper than 10000 levels', `{"metadata":${'['.repeat(10_001)}`],
    [
      'invalid_payload',
      'Payload has more than 600000 source_ids',
      `{"source_ids":[${'"",'.repeat(700_000)}""]}`,
    ],
    [
      'invalid_payload',
      'Property .source_ids must not have more than 600000 items',
      `{"source_ids":[${'"a",'.repeat(600_000)}"a"],"metadata":{}}`,
    ],
    [
      'invalid_payload',
      'Payload stands for more than 268435456 bytes of customers: send it in several requests',
      `{"source_ids":[${'"a",'.repeat(300_000)}"a"],"metadata":{"text":"${'x'.repeat(1_000)}"}}`,
    ],
  ])('is refused with %s: %s', (key, details, body) => {
    expect(refusal(body)).toEqual([key, details])
  })

  it('takes 600,000 customers', () => {
    const body = `{"source_ids":[${'"a",'.repeat(599_999)}"a"],"metadata":{"a":1}}`
    expect(cutBytes(bytesOf(body)).reduce((sum, { rowCount }) => sum + rowCount, 0)).toBe(600_000)
  })

  it('never repeats the payload in its refusals', () => {
    for (const body of ['secret', '{"secret', '{"source_ids":["secret"', '{"source_ids":"secret"}'])
      expect(refusal(body).join()).not.toContain('secret')
  })

  it('is whole when its chunks are put together, wherever it is cut', () => {
    const anyIds = fc.array(fc.string({ unit: 'binary', minLength: 1 }), { minLength: 1, maxLength: 30 })
    fc.assert(
      fc.property(anyIds, fc.nat(200), (sourceIds, chunkBytes) => {
        const chunks = cut({ source_ids: sourceIds, metadata: { a: 1 } }, chunkBytes)
        expect(chunks.flatMap((chunk) => chunk.source_ids)).toEqual(sourceIds)
        expect(chunks.map(({ firstRow }) => firstRow)).toEqual(
          chunks.map((_, index) => chunks.slice(0, index).reduce((sum, { rowCount }) => sum + rowCount, 0)),
        )
      }),
    )
  })
})
