import { type ProjectKeys } from '../../src/projects/index.js'
import { Rollcall } from '../support/rollcall.js'

interface Document {
  paths: Record<string, Record<string, { parameters?: { name: string; in: string }[] }>>
}

const METHODS = ['get', 'post', 'put', 'patch', 'delete']

describe('An id of another project', () => {
  let rollcall: Rollcall
  let stranger: ProjectKeys
  let document: Document
  /** For each parameter of a path an id that the one project has, and one of its form that nobody has. */
  let ids: Record<string, [foreign: string, absent: string]>

  beforeAll(async () => {
    rollcall = await Rollcall.start()
    stranger = await rollcall.projects.create('stranger')
    document = (await rollcall.call<Document>('GET', '/openapi.json')).body
    const actionId = await rollcall.bulk([{ source_id: 'mine' }])
    await rollcall.finished(actionId)
    ids = {
      asyncActionId: [actionId, 'aa_000000000000000000'],
      customerId: ['mine', 'nobody'],
      report: ['1', '1'],
    }
  })
  afterAll(() => rollcall.stop())

  const routes = () =>
    Object.entries(document.paths)
      .filter(([path]) => path.includes('{'))
      .flatMap(([path, operations]) =>
        METHODS.filter((method) => method in operations).map((method) => ({ method, path })),
      )
  const fill = (path: string, which: 0 | 1) =>
    path.replace(/\{(\w+)\}/g, (_, name: string) => {
      const pair = ids[name]
      if (pair === undefined) throw new Error(`Teach this test an id for {${name}}.`)
      return pair[which]
    })
  /** What a stranger is told, with the id that was asked for made the same. */
  const told = async (method: string, path: string, which: 0 | 1) => {
    const body = ['post', 'put', 'patch'].includes(method) ? {} : undefined
    const { status, text } = await rollcall.call(method.toUpperCase(), fill(path, which), {
      keys: stranger,
      body,
    })
    const neutral = Object.values(ids).reduce((rest, pair) => rest.replaceAll(`${pair[which]}"`, 'ID"'), text)
    return { status, body: neutral.replace(/"request_id":"v-\w+"/, '') }
  }

  it('is answered exactly as one that nobody has, on every route with an id', async () => {
    expect(routes().length).toBeGreaterThan(2)
    for (const { method, path } of routes()) {
      const foreign = await told(method, path, 0)
      expect([method, path, foreign]).toEqual([method, path, await told(method, path, 1)])
    }
  })

  it('is there for its own project', async () => {
    expect((await rollcall.call('GET', fill('/v1/async-actions/{asyncActionId}', 0))).status).toBe(200)
    expect((await rollcall.call('GET', fill('/v1/customers/{customerId}', 0))).status).toBe(200)
    expect((await told('get', '/v1/async-actions/{asyncActionId}', 0)).status).toBe(404)
    expect((await told('get', '/v1/customers/{customerId}', 0)).status).toBe(404)
  })

  it('as a customer’s own id is not found either', async () => {
    const { body } = await rollcall.call<{ id: string }>('GET', '/v1/customers/mine')
    const answer = await rollcall.call('GET', `/v1/customers/${body.id}`, { keys: stranger })
    expect(answer.status).toBe(404)
    expect(answer.body).toMatchObject({ details: `Cannot find customer with id ${body.id}` })
  })

  it('as a cursor is refused exactly as one that nobody has', async () => {
    const [foreign = '', absent = ''] = ids['asyncActionId'] ?? []
    for (const id of [foreign, absent, 'garbage']) {
      const path = `/v1/async-actions?starting_after_id=${id}`
      const answer = await rollcall.call('GET', path, { keys: stranger })
      expect([answer.status, { ...answer.body, request_id: '' }]).toEqual([
        400,
        {
          code: 400,
          key: 'invalid_query_params',
          message: 'Invalid query params',
          details: 'Property .starting_after_id must be the id of an async_action of the project',
          request_id: '',
        },
      ])
    }
  })
})
