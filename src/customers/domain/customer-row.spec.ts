import fc from 'fast-check'
import { type JsonObject } from '../../kernel/index.js'
import { type CustomerChanges } from './customer-document.js'
import { type CustomerRow, readCustomer, readCustomerRow } from './customer-row.js'
import { RowRefusal } from './row-refusal.js'

const LIMITS = { maxSourceIdLength: 255, maxStringLength: 2_000 }
const read = (item: JsonObject): CustomerRow => readCustomerRow(item, LIMITS)
const readJson = (json: string): CustomerRow => read(JSON.parse(json) as JsonObject)
const changesOf = (attributes: JsonObject): CustomerChanges | undefined =>
  read({ source_id: 'ada', ...attributes }).changes

const MESSAGES = {
  invalid_payload: 'Invalid payload',
  invalid_customer: 'Invalid customer',
  metadata_validation_failed: 'Metadata validation failed',
}

function expectFailure(row: CustomerRow, key: keyof typeof MESSAGES, details: string): void {
  expect(row.changes).toBeUndefined()
  expect(row.failure).toEqual({ key, message: MESSAGES[key], details })
}

/** `levels` objects and arrays in turn, one in the other. */
const nested = (levels: number): string =>
  Array.from({ length: levels }, (_, level) => (level % 2 ? '[' : '{"a":')).join('') +
  '1' +
  Array.from({ length: levels }, (_, level) => ((levels - 1 - level) % 2 ? ']' : '}')).join('')

describe('A row', () => {
  it('is read with everything that a customer has', () => {
    const attributes = {
      name: 'Ada',
      description: 'First programmer',
      email: 'ada@example.com',
      phone: '+44',
      birthday: '1815-12-09',
      birthdate: '1815-12-10',
      address: { city: 'London', state: 'x', line_1: '1', line_2: '2', country: 'UK', postal_code: 'SW1' },
      metadata: { lang: 'en', nested: [{ deep: null }] },
    }
    expect(read({ source_id: 'ada', ...attributes })).toEqual({ sourceId: 'ada', changes: attributes })
  })

  it('tells null, empty and absent apart', () => {
    expect(changesOf({ name: null, email: '' })).toEqual({ name: null, email: '' })
    expect(changesOf({ address: null, metadata: null })).toEqual({ address: null, metadata: null })
    expect(changesOf({ address: {}, metadata: {} })).toEqual({ address: {}, metadata: {} })
    expect(changesOf({ address: { city: null } })).toEqual({ address: { city: null } })
    expect(changesOf({})).toEqual({})
  })

  it.each([
    ['keys that no customer has', '{"source_id":"ada","first_name":"x","traits":[{"deep":"\\u0000"}]}'],
    [
      'what only the server says',
      '{"source_id":"ada","id":7,"object":[],"created_at":false,"loyalty":{"points":9}}',
    ],
    ['the project of another', '{"source_id":"ada","project_id":"x","tenant_id":"y"}'],
    ['attributes in a __proto__', '{"source_id":"ada","__proto__":{"name":"x","metadata":{"a":1}}}'],
    ['a constructor', '{"source_id":"ada","constructor":{"prototype":{"name":"x"}}}'],
  ])('ignores %s', (_, json) => {
    expect(readJson(json)).toEqual({ sourceId: 'ada', changes: {} })
  })

  it('ignores what no address has', () => {
    expect(changesOf({ address: { city: 'Paris', planet: 7, zip: { a: 1 } } })).toEqual({
      address: { city: 'Paris' },
    })
    expect(readJson('{"source_id":"ada","address":{"__proto__":{"city":"x"}}}').changes).toEqual({
      address: {},
    })
  })

  it('takes the last of keys that stand in it twice', () => {
    expect(readJson('{"source_id":"a","source_id":"b","name":"x","name":"y"}')).toEqual({
      sourceId: 'b',
      changes: { name: 'y' },
    })
  })
})

describe('The source_id of a row', () => {
  it.each([
    ['of one character', 'a'],
    ['of spaces', '   '],
    ['of 255 characters', 'x'.repeat(255)],
    ['of 255 emoji', '😀'.repeat(255)],
    ['with SQL', `'; DROP TABLE customers; --`],
    ['with a formula', '=cmd()'],
    ['with line breaks, quotes and commas', 'a,"b"\r\nc\u2028d'],
    ['with zero-width and direction marks', 'a\u200b\u202eb'],
    ['composed', 'caf\u00e9'],
    ['decomposed', 'cafe\u0301'],
    ['__proto__', '__proto__'],
    ['constructor', 'constructor'],
    ['toString', 'toString'],
  ])('may be a text %s, which is kept exactly', (_, sourceId) => {
    expect(read({ source_id: sourceId })).toEqual({ sourceId, changes: {} })
  })

  it.each([
    ['is longer than 255 characters', 'x'.repeat(256), 'must not be longer than 255 characters'],
    ['has 256 emoji', '😀'.repeat(256), 'must not be longer than 255 characters'],
    ['has 10,000 characters', 'x'.repeat(10_000), 'must not be longer than 255 characters'],
    ['has a NUL', 'a\0b', 'must not contain the character U+0000'],
    ['has a high half of a pair', 'a\ud800', 'must be well-formed Unicode (it has half of a surrogate pair)'],
    ['has a low half of a pair', '\udc00a', 'must be well-formed Unicode (it has half of a surrogate pair)'],
    [
      'has a pair the wrong way round',
      '\ude00\ud83d',
      'must be well-formed Unicode (it has half of a surrogate pair)',
    ],
  ])('fails the row when it %s, and is reported exactly', (_, sourceId, problem) => {
    const row = read({ source_id: sourceId, name: 'Ada' })
    expectFailure(row, 'invalid_customer', `Property .source_id ${problem}`)
    expect(row.sourceId).toBe(sourceId)
  })
})

describe('A text attribute', () => {
  const attributes = ['name', 'description', 'email', 'phone', 'birthday', 'birthdate']

  it.each(
    attributes.flatMap((attribute) => [7, true, {}, ['x']].map((value) => [attribute, value] as const)),
  )('%s fails the row when it is %j', (attribute, value) => {
    const row = read({ source_id: 'ada', [attribute]: value })
    expectFailure(row, 'invalid_payload', `Property .${attribute} must be string,null`)
  })

  it.each([
    ['too long', 'x'.repeat(2_001), 'must not be longer than 2000 characters'],
    ['too long in emoji', '👍'.repeat(2_001), 'must not be longer than 2000 characters'],
    ['with a NUL', '\0', 'must not contain the character U+0000'],
    ['with half a pair', 'x\udfff', 'must be well-formed Unicode (it has half of a surrogate pair)'],
  ])('fails the row when it is %s', (_, value, problem) => {
    for (const attribute of ['name', 'description', 'email', 'phone']) {
      const row = read({ source_id: 'ada', [attribute]: value })
      expectFailure(row, 'invalid_customer', `Property .${attribute} ${problem}`)
    }
  })

  it.each([
    ['2,000 characters', 'x'.repeat(2_000)],
    ['2,000 emoji, which are 4,000 UTF-16 units', '👍'.repeat(2_000)],
    ['families of emoji', '👩‍👩‍👧‍👦'.repeat(200)],
    ['a thousand combining marks', `a${'\u0301'.repeat(1_000)}`],
    ['right-to-left text', '\u202eשלום'],
    ['control characters', '\u0001\t\r\n\u007f'],
    ['markup and lookups', '<script>alert(1)</script>${jndi:ldap://x}'],
    ['spaces at its ends', ' Ada '],
  ])('may be %s, and is kept exactly', (_, value) => {
    for (const attribute of ['name', 'description', 'email', 'phone']) {
      expect(changesOf({ [attribute]: value })).toEqual({ [attribute]: value })
    }
  })

  it.each(['a@b', 'two@at@signs', 'no at sign', '"a b"@x.y', 'ü@ü.example'])(
    'email may be %s: its form is free',
    (email) => {
      expect(changesOf({ email })).toEqual({ email })
    },
  )

  it.each(['+0700', '+1 (132) 222-2222', '٠١٢٣', 'call me', '7'.repeat(1_000)])(
    'phone may be %s: free text',
    (phone) => {
      expect(changesOf({ phone })).toEqual({ phone })
    },
  )
})

describe.each(['birthday', 'birthdate'])('The %s of a row', (attribute) => {
  it.each([
    ['2022-04-04', '2022-04-04'],
    ['2024-02-29', '2024-02-29'],
    ['2000-02-29', '2000-02-29'],
    ['2024-01-31', '2024-01-31'],
    ['0001-01-01', '0001-01-01'],
    ['0099-12-31', '0099-12-31'],
    ['9999-12-31', '9999-12-31'],
    ['2020-02-03T00:00:00.000Z', '2020-02-03'],
    ['2020-02-03T23:59:59Z', '2020-02-03'],
    ['2020-02-03T10:00', '2020-02-03'],
    ['2020-02-03T10:00:00.123456789', '2020-02-03'],
    ['2020-02-03T00:30:00+14:00', '2020-02-03'],
    ['2020-02-03T23:30:00-0800', '2020-02-03'],
  ])('may be %s: the date %s is kept', (value, date) => {
    expect(changesOf({ [attribute]: value })).toEqual({ [attribute]: date })
  })

  it('may be null', () => {
    expect(changesOf({ [attribute]: null })).toEqual({ [attribute]: null })
  })

  it.each([
    '',
    ' ',
    'today',
    'infinity',
    'epoch',
    '2023-02-29',
    '1900-02-29',
    '2023-02-30',
    '2023-04-31',
    '2024-02-30',
    '2024-04-31',
    '2023-13-01',
    '2023-00-10',
    '2023-01-00',
    '2023-01-32',
    '0000-01-01',
    '-0001-01-01',
    '99999-01-01',
    '2024-1-1',
    '24-01-01',
    '20240101',
    '01/02/2024',
    '2024-01-01 10:00:00',
    '2024-01-01T',
    '2024-01-01T24:00:00Z',
    '2024-01-01T10:60:00Z',
    '2024-01-01T23:59:60Z',
    '2024-01-01T10:00:00.Z',
    '2024-01-01T10:00:00+24:00',
    ' 2024-01-01',
    '1999/12/31 2024-01-01',
    '2024-01-01 2024-01-01',
    '2024-01-01\n',
    '٢٠٢٤-٠١-٠١',
    '２０２４-01-01',
  ])('fails the row when it is %j', (value) => {
    expectFailure(
      read({ source_id: 'ada', [attribute]: value }),
      'invalid_customer',
      `Property .${attribute} must be a calendar date (YYYY-MM-DD) or an ISO 8601 date-time`,
    )
  })

  it('fails the row when it is endless, before any form is looked for', () => {
    expectFailure(
      read({ source_id: 'ada', [attribute]: '1'.repeat(100_000) }),
      'invalid_customer',
      `Property .${attribute} must not be longer than 2000 characters`,
    )
  })
})

describe('The address of a row', () => {
  it.each(['London', 7, true, ['London']])('fails the row when it is %j', (address) => {
    expectFailure(
      read({ source_id: 'ada', address }),
      'invalid_payload',
      'Property .address must be object,null',
    )
  })

  it.each(['city', 'state', 'line_1', 'line_2', 'country', 'postal_code'])(
    'fails the row when its %s is no text',
    (key) => {
      for (const value of [10_001, false, {}, []]) {
        const row = read({ source_id: 'ada', address: { [key]: value } })
        expectFailure(row, 'invalid_payload', `Property .address.${key} must be string,null`)
      }
    },
  )

  it('fails the row when a part of it cannot be stored exactly', () => {
    expectFailure(
      read({ source_id: 'ada', address: { city: 'x\0' } }),
      'invalid_customer',
      'Property .address.city must not contain the character U+0000',
    )
    expectFailure(
      read({ source_id: 'ada', address: { city: 'x'.repeat(2_001) } }),
      'invalid_customer',
      'Property .address.city must not be longer than 2000 characters',
    )
  })
})

describe('The metadata of a row', () => {
  const readMetadata = (json: string): CustomerRow => readJson(`{"source_id":"ada","metadata":${json}}`)
  const expectRefused = (json: string, details: string): void => {
    expectFailure(readMetadata(json), 'metadata_validation_failed', `Property .${details}`)
  }

  it.each(['"en"', '7', 'true', '["en"]'])('fails the row when it is %s', (json) => {
    expectFailure(readMetadata(json), 'invalid_payload', 'Property .metadata must be object,null')
  })

  it.each([
    ['values of every type', '{"a":"1","b":1,"c":true,"d":"true","e":null,"f":[],"g":{},"h":1.5,"i":-1e-7}'],
    ['any key', '{"":1," ":2,"a.b":3,"$where":4,"toString":5,"hasOwnProperty":6,"😀":7}'],
    ['the largest exact numbers', '{"a":9007199254740991,"b":-9007199254740991,"c":1.7976931348623157e-300}'],
    ['a date', '{"since":"2024-02-30"}'],
    ['32 levels', nested(32)],
    ['1,000 keys', JSON.stringify(Object.fromEntries(Array.from({ length: 1_000 }, (_, n) => [`k${n}`, n])))],
    ['5,000 entries', JSON.stringify({ list: Array.from({ length: 4_999 }, (_, n) => n) })],
    ['a key of 2,000 characters', `{"${'k'.repeat(2_000)}":1}`],
  ])('may have %s, and is kept as it is', (_, json) => {
    expect(readMetadata(json)).toEqual({
      sourceId: 'ada',
      changes: { metadata: JSON.parse(json) as JsonObject },
    })
  })

  it.each(['__proto__', 'constructor', 'prototype'])(
    'fails the row when it has the key %s, at any depth',
    (key) => {
      expectRefused(`{"${key}":{"polluted":true}}`, `metadata must not have the key ${key}`)
      expectRefused(`{"a":{"b":{"${key}":1}}}`, `metadata.a.b must not have the key ${key}`)
      expectRefused(`{"a":[0,[{"${key}":1}]]}`, `metadata.a[1][0] must not have the key ${key}`)
      expect(({} as Record<string, unknown>)['polluted']).toBeUndefined()
    },
  )

  it.each([33, 34, 1_000, 5_000])('fails the row when it is nested %d levels deep', (levels) => {
    const { failure } = readMetadata(nested(levels))
    expect(failure?.key).toBe('metadata_validation_failed')
    expect(failure?.details).toMatch(
      /^Property \.metadata\.a\[0\]\.a.* must not be nested deeper than 32 levels$/,
    )
  })

  it('fails the row when it has more than 1,000 keys at its first level', () => {
    const keys = Object.fromEntries(Array.from({ length: 1_001 }, (_, n) => [`k${n}`, n]))
    expectRefused(JSON.stringify(keys), 'metadata must not have more than 1000 keys at its first level')
  })

  it('fails the row when it has more than 5,000 entries, on one level or on several', () => {
    const keys = Object.fromEntries(Array.from({ length: 5_000 }, (_, n) => [`k${n}`, n]))
    const spread = Array.from({ length: 101 }, () => Array.from({ length: 50 }, () => 0))
    expectRefused(JSON.stringify({ keys }), 'metadata must not have more than 5000 entries')
    expectRefused(
      JSON.stringify({ list: Object.values(keys) }),
      'metadata must not have more than 5000 entries',
    )
    expectRefused(JSON.stringify({ spread }), 'metadata must not have more than 5000 entries')
  })

  it('fails the row when all of it is longer than 262,144 characters', () => {
    const characters = (count: number) =>
      JSON.stringify({ k: [...Array.from({ length: 131 }, () => 'x'.repeat(2_000)), 'x'.repeat(count)] })
    expect(readMetadata(characters(143)).failure).toBeUndefined()
    expectRefused(characters(144), 'metadata must not be longer than 262144 characters')
  })

  it.each([
    ['1e400', 'must be a number within the range of a double'],
    ['-1e400', 'must be a number within the range of a double'],
    ['1e200000', 'must be a number within the range of a double'],
    [
      '9007199254740992',
      'must be a whole number between -9007199254740991 and 9007199254740991, or a string',
    ],
    [
      '-9007199254740993',
      'must be a whole number between -9007199254740991 and 9007199254740991, or a string',
    ],
    [
      '12345678901234567890',
      'must be a whole number between -9007199254740991 and 9007199254740991, or a string',
    ],
  ])('fails the row when it has the number %s', (number, problem) => {
    expectRefused(`{"n":${number}}`, `metadata.n ${problem}`)
    expectRefused(`{"deep":[{"n":${number}}]}`, `metadata.deep[0].n ${problem}`)
  })

  it.each([
    [
      'a value with a NUL',
      '{"a":["x",{"b":"\\u0000"}]}',
      'metadata.a[1].b must not contain the character U+0000',
    ],
    [
      'a value with half a pair',
      '{"a":"\\ud800"}',
      'metadata.a must be well-formed Unicode (it has half of a surrogate pair)',
    ],
    [
      'a key with a NUL',
      '{"a":{"b\\u0000":1}}',
      'metadata.a has a key that must not contain the character U+0000',
    ],
    [
      'a key with half a pair',
      '{"\\udc00":1}',
      'metadata has a key that must be well-formed Unicode (it has half of a surrogate pair)',
    ],
    [
      'a value that is too long',
      `{"a":"${'x'.repeat(2_001)}"}`,
      'metadata.a must not be longer than 2000 characters',
    ],
    [
      'a key that is too long',
      `{"${'k'.repeat(10_000)}":1}`,
      'metadata has a key that must not be longer than 2000 characters',
    ],
  ])('fails the row when it has %s', (_, json, details) => {
    expectRefused(json, details)
  })

  it('stores minus zero as zero', () => {
    expect(JSON.stringify(readMetadata('{"n":-0}').changes)).toBe('{"metadata":{"n":0}}')
  })

  it('names a place in full up to 200 characters, and then its beginning', () => {
    const named = (key: string) => readMetadata(JSON.stringify({ [key]: '\0' })).failure?.details
    const problem = 'must not contain the character U+0000'
    expect(named('k'.repeat(191))).toBe(`Property .metadata.${'k'.repeat(191)} ${problem}`)
    expect(named('k'.repeat(192))).toBe(`Property .metadata.${'k'.repeat(191)}… ${problem}`)
    expect(named(`${'k'.repeat(190)}😀`)).toBe(`Property .metadata.${'k'.repeat(190)}… ${problem}`)
  })

  it('names a place deep inside within reason, and never cuts a character in half', () => {
    for (const key of ['k'.repeat(1_000), '😀'.repeat(500), `k${'😀'.repeat(500)}`]) {
      const details = readMetadata(JSON.stringify({ [key]: '\0' })).failure?.details ?? ''
      expect(details.length).toBeLessThan(300)
      expect(details.isWellFormed()).toBe(true)
    }
  })
})

describe('A customer of a request of its own', () => {
  const customer = (item: JsonObject): CustomerRow => readCustomer(item, LIMITS)
  const refusalOf = (item: JsonObject): unknown => {
    try {
      return customer(item)
    } catch (refusal) {
      return refusal instanceof RowRefusal ? refusal.failure : refusal
    }
  }

  it.each([
    ['by our id', { id: 'cust_1' }, { customerId: 'cust_1', sourceId: '' }],
    [
      'by our id, which goes first',
      { id: 'cust_1', source_id: 'ada' },
      { customerId: 'cust_1', sourceId: '' },
    ],
    ['by its source_id', { source_id: 'ada' }, { sourceId: 'ada' }],
    ['by its source_id, when there is no id', { id: null, source_id: 'ada' }, { sourceId: 'ada' }],
    ['not at all', {}, { sourceId: '' }],
    ['not at all, twice', { id: null, source_id: null }, { sourceId: '' }],
  ])('is named %s', (_, item, names) => {
    expect(customer({ ...item, name: 'Ada' })).toEqual({ ...names, changes: { name: 'Ada' } })
  })

  it.each(['id', 'source_id'])(
    'is refused when its %s is empty, no text, too long, or cannot be stored',
    (key) => {
      const problems = [
        ['', 'invalid_payload', 'must not be empty'],
        [7, 'invalid_payload', 'must be string,null'],
        ['x'.repeat(256), 'invalid_customer', 'must not be longer than 255 characters'],
        ['x\0', 'invalid_customer', 'must not contain the character U+0000'],
      ] as const
      for (const [value, failure, problem] of problems)
        expect(refusalOf({ [key]: value })).toEqual({
          key: failure,
          message: MESSAGES[failure],
          details: `Property .${key} ${problem}`,
        })
    },
  )

  it('is refused for what it has, as a row is', () => {
    expect(refusalOf({ name: 7 })).toMatchObject({ details: 'Property .name must be string,null' })
  })
})

describe('Whatever JSON a row is', () => {
  const anyItem = fc
    .tuple(
      fc.string({ unit: 'binary' }),
      fc.dictionary(
        fc.constantFrom(
          'name',
          'email',
          'birthdate',
          'address',
          'metadata',
          '__proto__',
          'constructor',
          'id',
        ),
        fc.oneof(
          fc.jsonValue({ maxDepth: 4, stringUnit: 'binary' }),
          fc.dictionary(
            fc.constantFrom('city', '__proto__', 'constructor', 'a'),
            fc.jsonValue({ maxDepth: 2 }),
          ),
        ),
      ),
    )
    .map(([sourceId, item]) => JSON.parse(JSON.stringify({ ...item, source_id: sourceId })) as JsonObject)

  it('it is either read or refused with a reason, never thrown at', () => {
    const keys = Object.keys(MESSAGES)
    fc.assert(
      fc.property(anyItem, (item) => {
        const { sourceId, changes, failure } = read(item)
        expect(sourceId).toBe(item['source_id'])
        expect([changes, failure].filter((each) => each !== undefined)).toHaveLength(1)
        if (failure) expect(keys).toContain(failure.key)
        if (failure) expect(failure.details).toMatch(/^Property \./)
      }),
      { numRuns: 300 },
    )
  })

  it('it leaves the prototype of all objects alone', () => {
    const before = Reflect.ownKeys(Object.prototype)
    fc.assert(
      fc.property(anyItem, (item) => {
        read(item)
        expect(Reflect.ownKeys(Object.prototype)).toEqual(before)
      }),
    )
  })

  it('what is read of it can be stored exactly', () => {
    fc.assert(
      fc.property(anyItem, (item) => {
        for (const text of textsOf(read(item).changes)) {
          expect(text).not.toContain('\0')
          expect(text.isWellFormed()).toBe(true)
        }
      }),
    )
  })

  it('what is read of metadata is all of it', () => {
    fc.assert(
      fc.property(anyItem, (item) => {
        const { changes } = read(item)
        if (changes?.metadata !== undefined) expect(changes.metadata).toEqual(item['metadata'])
      }),
    )
  })
})

function textsOf(value: unknown): string[] {
  if (typeof value === 'string') return [value]
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([key, child]) => [key, ...textsOf(child)])
}
