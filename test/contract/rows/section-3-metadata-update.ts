import { assert, has, isError } from './expect.js'
import { Section } from './row.js'

const PATH = '/v1/customers/metadata/async'
const section = new Section('3')

section.official('the same metadata goes to every customer of the list', async (c) => {
  const ids = c.newIds(3)
  await c.bulk(ids.map((source_id) => ({ source_id })))
  const action = await c.metadata(ids, { lang: 'en' })
  has(action, { type: 'CUSTOMERS.METADATA_UPDATE', status: 'DONE', operation_status: 'SUCCESS' })
  for (const id of ids) assert.deepEqual((await c.customer(id)).metadata, { lang: 'en' })
})

section.official('202 with async_action_id and nothing else', async (c) => {
  const answer = await c.call('POST', PATH, { body: { source_ids: [c.id()], metadata: { a: 1 } } })
  assert.equal(answer.status, 202)
  assert.deepEqual(Object.keys(answer.body), ['async_action_id'])
})

section.official('413 for more than 10,485,760 bytes', async (c) => {
  const body = JSON.stringify({ source_ids: [c.id()], metadata: {} }).padEnd(10_485_761)
  assert.equal((await c.call('POST', PATH, { body })).status, 413)
})

section.official('an unknown source_id is created: found=false, updated=true', async (c) => {
  const id = c.id()
  const [line] = await c.report(await c.metadata([id], { a: 1 }))
  has(line ?? {}, { source_id: id, found: 'false', updated: 'true' })
  assert.deepEqual((await c.customer(id)).metadata, { a: 1 })
})

for (const [what, body] of [
  ['an empty source_ids', { source_ids: [], metadata: { a: 1 } }],
  ['no source_ids', { metadata: { a: 1 } }],
] as const) {
  section.ours(`${what} is refused with 400`, async (c) => {
    isError(await c.call('POST', PATH, { body }), 400)
  })
}

section.official('an empty source_ids is called not_enough_source_ids', async (c) => {
  isError(await c.call('POST', PATH, { body: { source_ids: [], metadata: { a: 1 } } }), 400, {
    key: 'not_enough_source_ids',
    message: 'Not enough source_ids',
    details: 'Specify at least 1 source_id',
  })
})

section.official('a body without metadata is refused with invalid_payload', async (c) => {
  isError(await c.call('POST', PATH, { body: { source_ids: [c.id()] } }), 400, {
    key: 'invalid_payload',
    details: "Payload should have required property 'metadata'",
  })
})

section.official('a key set to a value and then to null reads back as null', async (c) => {
  const id = c.id()
  await c.metadata([id], { test: 123 })
  assert.deepEqual((await c.customer(id)).metadata, { test: 123 })
  await c.metadata([id], { test: null })
  assert.deepEqual((await c.customer(id)).metadata, { test: null })
})

section.ours('metadata is merged by key, and nothing else changes', async (c) => {
  const id = c.id()
  await c.put({ source_id: id, name: 'Name', metadata: { kept: 1, replaced: { a: 1 } } })
  await c.metadata([id], { replaced: { b: 2 } })
  has(await c.customer(id), { name: 'Name', metadata: { kept: 1, replaced: { b: 2 } } })
})

section.official('the result is that of a bulk update: counts, reports, errors', async (c) => {
  const { result } = await c.metadata(c.newIds(2), { a: 1 })
  has(result, { done_count: 2, failed_count: 0, errors: [] })
  assert.equal(result.reports.length, 1)
})

section.ours('an id that is listed twice is one row each time; the second changes nothing', async (c) => {
  const id = c.id()
  const lines = await c.report(await c.metadata([id, id], { a: 1 }))
  assert.deepEqual(
    lines.map(({ found, updated }) => [found, updated]),
    [
      ['false', 'true'],
      ['true', 'false'],
    ],
  )
})

export const METADATA_UPDATE = section.rows
