import { assert, has } from './expect.js'
import { Section } from './row.js'

const section = new Section('9')

section.official('an action can be seen as soon as it was accepted', async (c) => {
  const id = await c.startBulk([{ source_id: c.id() }])
  has(await c.action(id), { id, object: 'async_action' })
})

section.official('one job of a project at a time, in order, the kinds of jobs mixed', async (c) => {
  const source_id = c.id()
  const started = [
    await c.startBulk([{ source_id, name: 'Bulk', metadata: { by: 'bulk' } }]),
    (await c.client.customers.updateMetadataInBulk({ source_ids: [source_id], metadata: { by: 'metadata' } }))
      .async_action_id,
    await c.startCsv(`Source_id,Name,by\n${source_id},Csv,csv\n`),
    await c.startBulk([{ source_id, metadata: { last: true } }]),
  ]
  const actions = []
  for (const id of started) actions.push(await c.ended(id))
  const ends = actions.map(({ updated_at }) => updated_at)
  assert.deepEqual(ends, [...ends].sort())
  has(await c.customer(source_id), { name: 'Csv', metadata: { by: 'csv', last: true } })
})

section.ours(
  'a job of one project does not wait for those of another',
  async (c) => {
    const long = await c.startBulk(c.newIds(30_000).map((source_id) => ({ source_id })))
    const { other } = c
    const short = await other.bulk([{ source_id: other.id() }])
    const ended = await c.ended(long)
    assert.ok(short.updated_at < ended.updated_at)
  },
  'a second project',
)

export const QUEUE = section.rows
