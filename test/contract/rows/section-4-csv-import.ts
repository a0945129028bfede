import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Context, type Customer } from './context.js'
import { assert, has, isError, lacks } from './expect.js'
import { Section } from './row.js'

const section = new Section('4')

/** Imports one line below a header and returns the customer. */
async function imported(c: Context, header: string, line: (sourceId: string) => string): Promise<Customer> {
  const id = c.id()
  await c.csv(header, line(id))
  return c.customer(id)
}

section.official(
  'a file of the official client is imported: part file, with file name, as text/csv',
  async (c) => {
    const folder = mkdtempSync(join(tmpdir(), 'conformance-'))
    try {
      const id = c.id()
      const file = join(folder, 'customers.csv')
      writeFileSync(file, `Source_id,Name\n${id},Ada\n`)
      const { async_action_id } = await c.client.customers.importCSV(file)
      has(await c.ended(async_action_id), { type: 'CUSTOMERS.IMPORT_CSV', status: 'DONE' })
      assert.equal((await c.customer(id))['name'], 'Ada')
    } finally {
      rmSync(folder, { recursive: true })
    }
  },
)

section.official('202 with async_action_id and nothing else', async (c) => {
  const answer = await c.upload(`Source_id\n${c.id()}\n`)
  assert.equal(answer.status, 202)
  assert.deepEqual(Object.keys(answer.body), ['async_action_id'])
})

section.official('without the part named file: 400 invalid_payload', async (c) => {
  isError(await c.upload(`Source_id\n${c.id()}\n`, { part: 'other' }), 400, {
    key: 'invalid_payload',
    details: "Payload should have required property 'file'",
  })
})

section.ours('a file that is too large is answered 413', async (c) => {
  const answer = await c.upload(`Source_id\n${c.id()}\n`.padEnd(10_485_761, '\n'))
  assert.equal(answer.status, 413)
})

section.official('all standard headers are read', async (c) => {
  const header =
    'Source_id,Name,Email,Phone,Birthdate,Description,Address_line_1,Address_line_2,Address_Postal_Code,Address_City,Address_State,Address_Country'
  const customer = await imported(
    c,
    header,
    (id) => `${id},Ada,ada@example.com,+1,1815-12-10,First,Line 1,Line 2,00-001,London,LND,UK`,
  )
  has(customer, {
    name: 'Ada',
    email: 'ada@example.com',
    phone: '+1',
    birthdate: '1815-12-10',
    description: 'First',
    address: {
      line_1: 'Line 1',
      line_2: 'Line 2',
      postal_code: '00-001',
      city: 'London',
      state: 'LND',
      country: 'UK',
    },
  })
})

section.official('the short headers City, Postal_Code, State, Country mean the address too', async (c) => {
  const customer = await imported(c, 'Source_id,City,Postal_Code,State,Country', (id) => `${id},Rome,1,LZ,IT`)
  assert.deepEqual(customer.address, { city: 'Rome', postal_code: '1', state: 'LZ', country: 'IT' })
})

section.ours('the case of headers does not count', async (c) => {
  const customer = await imported(c, 'SOURCE_ID,name,eMail', (id) => `${id},Ada,a@b.c`)
  has(customer, { name: 'Ada', email: 'a@b.c' })
})

section.official('every other column is metadata under its own name, as text', async (c) => {
  const customer = await imported(c, 'Source_id,Favourite,visits', (id) => `${id},blue,7`)
  assert.deepEqual(customer.metadata, { Favourite: 'blue', visits: '7' })
})

section.official('a known customer is changed', async (c) => {
  const id = c.id()
  const before = await c.put({ source_id: id, name: 'Old' })
  await c.csv('Source_id,Name', `${id},New`)
  has(await c.customer(id), { id: before.id, name: 'New' })
})

section.official('a customer can be named by its id', async (c) => {
  const { id, source_id } = await c.put({ source_id: c.id() })
  await c.csv('Id,Name', `${id},Named`)
  has(await c.customer(source_id ?? ''), { id, name: 'Named' })
})

section.ours('columns that are not in the file stay as they were; metadata columns are merged', async (c) => {
  const id = c.id()
  await c.put({ source_id: id, phone: '1', metadata: { kept: 1 } })
  await c.csv('Source_id,Name,added', `${id},New,x`)
  has(await c.customer(id), { name: 'New', phone: '1', metadata: { kept: 1, added: 'x' } })
})

section.ours('an empty cell is as if it were not there', async (c) => {
  const id = c.id()
  await c.put({ source_id: id, name: 'Kept' })
  await c.csv('Source_id,Name,Phone', `${id},,5`)
  has(await c.customer(id), { name: 'Kept', phone: '5' })
})

section.official('dates are ISO 8601, date or date-time', async (c) => {
  const customer = await imported(c, 'Source_id,Birthdate', (id) => `${id},2020-02-03T10:00:00Z`)
  assert.equal(customer['birthdate'], '2020-02-03')
})

section.ours('a byte order mark, quoted cells and CRLF are understood', async (c) => {
  const id = c.id()
  await c.ended(await c.startCsv(`\ufeffSource_id,Name\r\n${id},"A, ""B""\r\nC"\r\n`))
  assert.equal((await c.customer(id))['name'], 'A, "B"\r\nC')
})

section.official('the result has message, failed, done_count and failed_count', async (c) => {
  const { result } = await c.csv('Source_id', ...c.newIds(2))
  has(result, { done_count: 2, failed_count: 0, failed: [] })
  assert.match(result.message, /^2 customer\(s\) imported successfully/)
})

section.official(
  'a row that fails is named by source_id, row and reason; the first row below the header is 1',
  async (c) => {
    const [good, bad] = c.newIds(2) as [string, string]
    const action = await c.csv('Source_id,Birthdate', `${good},2020-02-03`, `${bad},soon`)
    assert.equal(action.status, 'DONE')
    has(action.result, {
      done_count: 1,
      failed_count: 1,
      message: '1 customer(s) imported successfully, 1 failed.',
    })
    assert.deepEqual(
      action.result.failed.map(({ source_id, row }) => [source_id, row]),
      [[bad, 2]],
    )
    lacks(await c.customer(good), 'metadata')
  },
)

section.official('an import is an action of its own type in the list', async (c) => {
  const { id } = await c.csv('Source_id', c.id())
  const { async_actions } = await c.client.asyncActions.list({ limit: 100 })
  assert.equal(async_actions.find((action) => action.id === id)?.type, 'CUSTOMERS.IMPORT_CSV')
})

export const CSV_IMPORT = section.rows
