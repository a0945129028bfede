import { assert, has } from './expect.js'
import { Section } from './row.js'

const section = new Section('6')

section.ours('one line per row, in the order of the rows', async (c) => {
  const ids = c.newIds(3_000)
  const lines = await c.report(await c.bulk(ids.map((source_id) => ({ source_id }))))
  assert.deepEqual(
    lines.map(({ source_id }) => source_id),
    ids,
  )
})

section.official('created is false/true, changed true/true, unchanged true/false', async (c) => {
  const source_id = c.id()
  const rows = [{ source_id }, { source_id, name: 'A' }, { source_id, name: 'A' }]
  assert.deepEqual(await c.outcomes(rows), [
    ['false', 'true'],
    ['true', 'true'],
    ['true', 'false'],
  ])
})

section.ours(
  'a failed row has updated=false with key, message and details; found tells whether it existed',
  async (c) => {
    const [known, unknown] = c.newIds(2) as [string, string]
    await c.put({ source_id: known })
    const lines = await c.report(await c.bulk([known, unknown].map((source_id) => ({ source_id, name: 5 }))))
    const failure = {
      updated: 'false',
      key: 'invalid_payload',
      message: 'Invalid payload',
      details: 'Property .name must be string,null',
    }
    assert.deepEqual(lines, [
      { source_id: known, found: 'true', ...failure },
      { source_id: unknown, found: 'false', ...failure },
    ])
  },
)

section.ours('the link needs no credential; without its token it is 401', async (c) => {
  const link = (await c.bulk([{ source_id: c.id() }])).result.reports[0] ?? ''
  assert.equal((await c.download(link)).status, 200)
  for (const broken of [link.replace(/\?.*/, ''), link.replace(/token=/, 'token=x')]) {
    const { status, text } = await c.download(broken)
    assert.equal(status, 401)
    has(JSON.parse(text) as object, { code: 401, key: 'unauthorized' })
  }
})

section.ours('reports are kept for 90 days', async (c) => {
  const { updated_at, result } = await c.bulk([])
  const days = (Date.parse(result.reports_available_till) - Date.parse(updated_at)) / 86_400_000
  assert.equal(Math.round(days), 90)
})

section.ours('it is text/csv in UTF-8, an attachment, and the same at every download', async (c) => {
  const link = (await c.bulk([{ source_id: c.id('żółw') }])).result.reports[0] ?? ''
  const [one, other] = [await c.download(link), await c.download(link)]
  assert.equal(one.headers.get('content-type'), 'text/csv; charset=utf-8')
  assert.match(one.headers.get('content-disposition') ?? '', /^attachment/)
  assert.equal(one.text, other.text)
})

section.ours(
  'source_id is exact to the byte, with commas, quotes and line breaks; &safe=1 defuses formulas',
  async (c) => {
    const ids = [c.id('a,"b"\r\nc'), c.id('=1+1')]
    const action = await c.bulk(ids.map((source_id) => ({ source_id })))
    assert.deepEqual(
      (await c.report(action)).map(({ source_id }) => source_id),
      ids,
    )
    const safe = await c.download(`${action.result.reports[0] ?? ''}&safe=1`)
    assert.match(safe.text, /\r\n'=1\+1/)
  },
)

export const REPORT = section.rows
