import { Stage } from './stage.js'

let stage: Stage

beforeAll(async () => {
  stage = await Stage.start()
})
afterAll(() => stage.stop())

const INVALID = 'invalid_customer'
const WRONG_TYPE = 'invalid_payload'
const NUL = '\0'
const HALF_A_PAIR = '\ud800'
const row = (fields: object) => ({ source_id: stage.id(), ...fields })
const nested = (levels: number): string =>
  `{"source_id":"${stage.id()}","metadata":{"deep":${'['.repeat(levels)}${']'.repeat(levels)}}}`

describe('A source_id', () => {
  it('B33 of 255 characters is taken, of 256 fails, and so do 6,000 at random', async () => {
    await stage.expectApplied({ source_id: 'é'.repeat(255) }, { source_id: 'é'.repeat(255) })
    await stage.expectRowRefused({ source_id: 'x'.repeat(256) }, INVALID, /255/)
    await stage.expectRowRefused({ source_id: Buffer.alloc(3_000, 'aZ09-_').toString('hex') }, INVALID, /255/)
  })

  it('B34 with a NUL fails, and is shown in the report without one', async () => {
    const { lines } = await stage.outcomes({ source_id: `nul${NUL}` })
    expect(lines).toMatchObject([{ source_id: 'nul\\u0000', updated: 'false', key: INVALID }])
  })

  it('B35 with half a pair fails, and makes no other customer of it', async () => {
    const { lines } = await stage.outcomes(`{"source_id":"half\\ud800"}`, { source_id: 'half\ufffd' })
    expect(lines).toMatchObject([
      { source_id: 'half\\ud800', updated: 'false', key: INVALID },
      { source_id: 'half\ufffd', found: 'false', updated: 'true' },
    ])
  })

  it.each([
    ['B36', 'that look alike', ['caf\u00e9', 'cafe\u0301']],
    ['B37', 'that differ in case and blanks', ['a', 'A', 'a ', ' a']],
    ['B37', 'that differ in what nobody sees', ['zero', 'ze\u200bro', '\u202eorez']],
    ['B38', 'that objects have already', ['__proto__', 'constructor', 'toString', 'hasOwnProperty']],
  ])('%s: ids %s are customers of their own', async (_, __, ids) => {
    const { lines } = await stage.outcomes(...ids.map((source_id) => ({ source_id, name: source_id })))
    expect(lines).toMatchObject(ids.map((source_id) => ({ source_id, found: 'false', updated: 'true' })))
    for (const source_id of ids)
      expect((await stage.call('GET', `/v1/customers/${encodeURIComponent(source_id)}`)).body).toMatchObject({
        source_id,
        name: source_id,
      })
  })

  it('B37 with a control character is an id like any other', async () => {
    await stage.expectApplied({ source_id: 'bell\u0007' }, { source_id: 'bell\u0007' })
  })

  it('B39 ten thousand times in one request: all in order, found from the second on', async () => {
    const rows = Array.from({ length: 10_000 }, (_, n) => `{"source_id":"again","name":"n${n}"}`)
    const { lines } = await stage.outcomes(...rows)
    expect(lines.map(({ found }) => found)).toEqual(['false', ...Array<string>(9_999).fill('true')])
    expect((await stage.call('GET', '/v1/customers/again')).body).toMatchObject({ name: 'n9999' })
  })

  it('B40 that a row has twice: the later one is meant', async () => {
    const { lines } = await stage.outcomes('{"source_id":"first","source_id":"second"}')
    expect(lines).toMatchObject([{ source_id: 'second', updated: 'true' }])
    expect((await stage.call('GET', '/v1/customers/first')).status).toBe(404)
  })
})

describe('A field', () => {
  it('B41 that is not a client’s to set is ignored', async () => {
    const fields = {
      id: 'cust_x',
      object: 'x',
      created_at: '1999-01-01',
      project_id: 'x',
      loyalty: { points: 9 },
    }
    const { customer } = await stage.expectApplied(row({ ...fields, unknown: 1 }), { object: 'customer' })
    expect(customer).toMatchObject({ loyalty: { points: 0 } })
    for (const absent of ['unknown', 'project_id']) expect(customer).not.toHaveProperty(absent)
    expect(customer?.['id']).not.toBe('cust_x')
    expect(customer?.['created_at']).not.toMatch(/^1999/)
  })

  it.each(['a@b', 'no address', `${'a'.repeat(300)}@b.c`, 'a\r\nb', '"a b"@x.y', 'ü@münchen.de', 'a@@b'])(
    'B42 e-mail %j is free text',
    async (email) => {
      await stage.expectApplied(row({ email }), { email })
    },
  )

  it.each([`${'a'.repeat(50_000)}!`, '+'.repeat(50_000), '1 '.repeat(25_000)])(
    'B43 e-mail and phone of 50,000 characters are too long, whatever they are made of',
    async (text) => {
      await stage.expectRowRefused(row({ email: text }), INVALID, /2000/)
      await stage.expectRowRefused(row({ phone: text }), INVALID, /2000/)
    },
  )

  it('B44 a phone of any characters is text, and a number is none', async () => {
    for (const phone of ['1'.repeat(1_000), '٠١٢', 'call me'])
      await stage.expectApplied(row({ phone }), { phone })
    await stage.expectRowRefused(row({ phone: 123 }), WRONG_TYPE, /phone/)
  })

  it.each(['2023-02-30', '2023-13-01', '99999-01-01', 'today', 'infinity', '2024-1-1', '', 'x', '24-01-01'])(
    'B45 birthdate %j fails',
    async (birthdate) => {
      await stage.expectRowRefused(row({ birthdate }), INVALID, /birthdate/)
    },
  )

  it.each([
    ['2024-02-29', '2024-02-29'],
    ['2024-02-29T10:00:00Z', '2024-02-29'],
    ['1815-12-10T23:59:59.999+02:00', '1815-12-10'],
  ])('B45 birthdate %j is the date %j', async (birthdate, shown) => {
    await stage.expectApplied(row({ birthdate }), { birthdate: shown })
  })

  it('B46 a name of null clears, an empty one is a name, and none keeps what is there', async () => {
    const source_id = stage.id()
    const nameAfter = async (fields: object): Promise<unknown> =>
      (await stage.fateOf({ source_id, ...fields })).customer?.['name']
    expect(await nameAfter({ name: 'Ada' })).toBe('Ada')
    expect(await nameAfter({ email: 'a@b' })).toBe('Ada')
    expect(await nameAfter({ name: '' })).toBe('')
    expect(await nameAfter({ name: null })).toBeUndefined()
  })

  it('B47 a name counts characters, and is stored as it is', async () => {
    const family = '👩‍👩‍👧‍👦'
    for (const name of [family.repeat(200), `a${'\u0301'.repeat(1_000)}`, '\u202eevil', '😀'.repeat(2_000)])
      await stage.expectApplied(row({ name }), { name })
    await stage.expectRowRefused(row({ name: '😀'.repeat(2_001) }), INVALID, /name/)
    await stage.expectRowRefused(row({ name: 'x'.repeat(9_000_000) }), INVALID, /name/)
  })

  it.each(['"Rome"', '[]', '5', '{"city":5}', '{"city":{"name":"Rome"}}'])(
    'B48 an address of %s fails',
    async (address) => {
      await stage.expectRowRefused(
        `{"source_id":"${stage.id()}","address":${address}}`,
        WRONG_TYPE,
        /address/,
      )
    },
  )

  it('B48 an address of null clears, and what it does not know is ignored', async () => {
    await stage.expectApplied(row({ address: null }), { address: null })
    await stage.expectApplied(row({ address: { city: 'Rome', planet: 'Earth' } }), {
      address: { city: 'Rome' },
    })
  })
})

describe('Metadata', () => {
  it('B49 of null clear all; an array or a text fails', async () => {
    const source_id = stage.id()
    await stage.expectApplied({ source_id, metadata: { a: 1 } }, { metadata: { a: 1 } })
    const { customer } = await stage.fateOf({ source_id, metadata: null })
    expect(customer).not.toHaveProperty('metadata')
    for (const metadata of [[], 'x', 5])
      await stage.expectRowRefused(row({ metadata }), WRONG_TYPE, /metadata/)
  })

  it.each(['__proto__', 'constructor', 'prototype'])(
    'B50 with the key %s: the row fails, and nothing is polluted',
    async (key) => {
      const text = `{"source_id":"${stage.id()}","metadata":{"${key}":{"polluted":true}}}`
      await stage.expectRowRefused(text, 'metadata_validation_failed')
      expect(({} as Record<string, unknown>)['polluted']).toBeUndefined()
    },
  )

  it('B51 with a key that cannot be stored fails; any other key is kept exactly', async () => {
    for (const key of [`a${NUL}`, HALF_A_PAIR, 'k'.repeat(10_000)]) {
      const text = JSON.stringify({ source_id: stage.id(), metadata: { [key]: 1 } })
      await stage.expectRowRefused(text, 'metadata_validation_failed')
    }
    const metadata = { '': 1, 'a.b': 2, $where: 3, ' ': 4, '😀': 5 }
    const { customer } = await stage.fateOf(row({ metadata }))
    expect(customer?.['metadata']).toEqual(metadata)
  })

  it.each([NUL, HALF_A_PAIR])(
    'B52 with a value that cannot be stored, deep in an array: the row fails',
    async (text) => {
      const metadata = { list: [1, [{ deep: `x${text}` }]] }
      await stage.expectRowRefused(JSON.stringify(row({ metadata })), 'metadata_validation_failed')
    },
  )

  it.each([33, 1_000, 5_000])('B53 %d levels deep: the row fails', async (levels) => {
    await stage.expectRowRefused(nested(levels), 'metadata_validation_failed', /32/)
  })

  it('B54 of a megabyte: the row fails', async () => {
    const many = Object.fromEntries(Array.from({ length: 10_000 }, (_, n) => [`key ${n}`, 'x'.repeat(100)]))
    await stage.expectRowRefused(row({ metadata: many }), 'metadata_validation_failed')
  })

  it.each(['1e400', '-1e400', '1e200000'])(
    'B55 with the number %s, which is none here: the row fails',
    async (number) => {
      const text = `{"source_id":"${stage.id()}","metadata":{"n":${number}}}`
      const { lines } = await stage.outcomes(text)
      expect(lines).toMatchObject([{ updated: 'false', key: 'metadata_validation_failed' }])
    },
  )

  it('B56 with more digits than a number has: as JavaScript reads them; -0 is 0', async () => {
    const text = `{"source_id":"${stage.id()}","metadata":{"n":0.1,"zero":-0,"many":0.12345678901234567890}}`
    const { customer } = await stage.fateOf(text)
    expect(customer?.['metadata']).toEqual({ n: 0.1, zero: 0, many: 0.12345678901234568 })
  })

  it('B56 with a whole number beyond 2^53: the row fails rather than change it', async () => {
    const text = `{"source_id":"${stage.id()}","metadata":{"n":12345678901234567890}}`
    await stage.expectRowRefused(text, 'metadata_validation_failed')
  })

  it('B57 of any type keep it', async () => {
    const metadata = { date: '2024-01-01', yes: 'true', no: false, one: '1', number: 1, none: null }
    const { customer } = await stage.fateOf(row({ metadata }))
    expect(customer?.['metadata']).toEqual(metadata)
  })
})

describe('What is dangerous elsewhere', () => {
  const formulas = ['=cmd()', '+1', '-1', '@x', '\t=1', '\r=1', '\uff1d1']

  it.each(formulas)('B58 %j stays what it is in the report, and is defused on request', async (source_id) => {
    const { lines, action } = await stage.outcomes({ source_id, name: source_id })
    expect(lines).toMatchObject([{ source_id, updated: 'true' }])
    const safe = await fetch(`${action.result?.reports[0] ?? ''}&safe=1`)
    expect(await safe.text()).toContain(`'${source_id}`)
  })

  it('B59 separators and line breaks in ids come back as they went', async () => {
    const ids = ['a,b', 'a"b', 'a\rb', 'a\nb', 'a\r\nb', 'a;b', 'a\u2028b', '"', ',,']
    const { lines } = await stage.outcomes(...ids.map((source_id) => ({ source_id })))
    expect(lines.map(({ source_id }) => source_id)).toEqual(ids)
  })

  it.each([`'; DROP TABLE customers; --`, '$1', '%s', '\\', `' OR '1'='1`])(
    'B60 %j is text',
    async (text) => {
      await stage.expectApplied(
        { source_id: text, name: text, metadata: { [text]: text } },
        {
          source_id: text,
          name: text,
          metadata: { [text]: text },
        },
      )
    },
  )

  it.each(['<script>alert(1)</script>', '${jndi:ldap://x}', '\u001b[31mred', 'two\nlines'])(
    'B61 %j is text',
    async (text) => {
      const { customer } = await stage.expectApplied(row({ name: text, description: text }), { name: text })
      expect(customer?.['description']).toBe(text)
    },
  )
})
