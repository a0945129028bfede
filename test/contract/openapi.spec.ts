import { Rollcall } from '../support/rollcall.js'
import { compareEndpointOfServer } from './official/compare.js'
import { nameOf, ourFamily } from './official/corrected.js'
import { COMMON_ERRORS, ENDPOINT_EXTENSIONS } from './official/corrections.js'
import { type OpenApiDocument } from './official/openapi.js'

const family = ourFamily()
const commonStatuses = Object.keys(COMMON_ERRORS).map(Number)

describe('/openapi.json', () => {
  let document: OpenApiDocument

  beforeAll(async () => {
    const rollcall = await Rollcall.start({ workers: 0 })
    document = (await rollcall.call<OpenApiDocument>('GET', '/openapi.json', { keys: null })).body
    await rollcall.stop()
  })

  it.each(family.endpoints.map((endpoint) => [nameOf(endpoint), endpoint] as const))(
    'promises of %s what the official description does, and else only listed extensions',
    (_, endpoint) => {
      expect(compareEndpointOfServer(family, endpoint, document, commonStatuses)).toEqual([])
    },
  )

  it('has no endpoint below /v1 that is neither official nor a listed extension', () => {
    const ours = Object.entries(document.paths)
      .filter(([path]) => path.startsWith('/v1/'))
      .flatMap(([path, methods]) => Object.keys(methods).map((method) => nameOf({ path, method } as never)))
    const known = [...family.endpoints.map(nameOf), ...ENDPOINT_EXTENSIONS.map(({ endpoint }) => endpoint)]
    expect(ours.filter((name) => !known.includes(name))).toEqual([])
  })

  it('has every endpoint that we add', () => {
    for (const { endpoint } of ENDPOINT_EXTENSIONS) {
      const [method = '', path = ''] = endpoint.split(' ')
      expect(document.paths[path]).toHaveProperty(method.toLowerCase())
    }
  })
})
