import { Logger } from '@nestjs/common'
import { firstTurn } from '../../src/async-actions/run/chunk-runner.js'
import { ImportCsvChunkHandler } from '../../src/customers/import-csv/import-csv.chunk-handler.js'
import { IMPORT_CSV } from '../../src/customers/import-csv/import-csv.handler.js'
import { MetadataUpdateChunkHandler } from '../../src/customers/metadata-update/metadata-update.chunk-handler.js'
import { METADATA_UPDATE } from '../../src/customers/metadata-update/metadata-update.handler.js'
import { tablesHolding } from '../support/dump.js'
import { TestEraser } from '../support/eraser.factory.js'
import { packedPayload } from '../support/payload.factory.js'
import { openStore, type TestStore } from '../support/test-store.factory.js'

const CANARY = 'kanari'
const PERSON = `${CANARY}@example.com`
let store: TestStore
let test: TestEraser

beforeAll(async () => {
  Logger.overrideLogger(false)
  store = await openStore()
})
beforeEach(async () => {
  await store.clear()
  test = new TestEraser(store, await store.newProject())
  test.handlers.register(new ImportCsvChunkHandler(test.handlers, test.customers, test.settings))
  test.handlers.register(new MetadataUpdateChunkHandler(test.handlers, test.customers, test.settings))
})
afterAll(() => store.close())

const holding = () => tablesHolding((sql) => store.query(sql), CANARY)

/** Accepts chunks of any operation, as they are stored; `rowsOf` counts the rows of one. */
async function accept(
  operation: string,
  contents: string[],
  rowsOf: (content: string) => number,
): Promise<string> {
  const chunks = contents.map((text) => ({ text, rowCount: rowsOf(text) }))
  const context = { projectId: test.projectId, requestId: 'v-test', client: 'app' }
  return (await test.scheduler.schedule(context, operation, packedPayload(chunks))).asyncActionId
}
const bulk = (content: string, rows: number) => accept('CUSTOMERS.BULK_UPDATE', [content], () => rows)

describe('An erasure among rows that wait', () => {
  it('leaves the others as they came: a number out of range is refused as it would have been', async () => {
    await test.done([{ source_id: PERSON }])
    const id = await bulk(
      `[{"source_id":"a","metadata":{"n":1e400}},{"source_id":"${PERSON}"},{"source_id":"b","metadata":{"n":1.50}}]`,
      3,
    )
    await test.erase(PERSON)
    await test.worker().ring()
    expect((await test.report(id)).split('\r\n')[0]).toMatch(/^a,false,false,metadata_validation_failed/)
  })

  it('leaves the others as they came, however deep they are', async () => {
    await test.done([{ source_id: PERSON }])
    const deep = '['.repeat(9_000) + ']'.repeat(9_000)
    const id = await bulk(`[{"source_id":"a","x":${deep}},{"source_id":"${PERSON}"}]`, 2)
    await test.erase(PERSON)
    expect(await holding()).toEqual([])
    await test.worker().ring()
    expect((await test.report(id)).split('\r\n')[0]).toBe('a,false,true,,,')
  })

  it('takes metadata along that nobody else was to get', async () => {
    await test.done([{ source_id: PERSON }, { source_id: 'a' }])
    const content = (ids: string[]) =>
      JSON.stringify({ metadata: { note: `${CANARY} owes money` }, source_ids: ids })
    const id = await accept(METADATA_UPDATE, [content([PERSON, PERSON])], () => 2)
    await test.erase(PERSON)
    expect(await holding()).toEqual([])
    await test.worker().ring()
    expect(await test.action(id)).toMatchObject({ status: 'DONE', rows_done: 2, rows_failed: 2 })
  })

  it('takes along the lines that made a customer without a source_id, which nothing leads to', async () => {
    const content = (name: string) => JSON.stringify({ columns: ['Name'], rows: [[name]] })
    const id = await accept(IMPORT_CSV, [content(CANARY), content('other')], () => 1)
    const { lane, action } = await test.started()
    const read = await test.reader.read(action, 0, false)
    await test.chunks.run(lane, firstTurn(action), read).done
    const [customer] = await store.query<{ id: string }>('SELECT id FROM customers')
    await test.erase(customer?.id ?? '')
    expect(await holding()).toEqual([])
    await test.finish(lane)
    expect(await test.action(id)).toMatchObject({ status: 'DONE', rows_done: 2, rows_failed: 0 })
  })
})
