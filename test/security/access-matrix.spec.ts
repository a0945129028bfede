import { randomUUID } from 'node:crypto'
import { type Scope, SCOPES } from '../../src/auth/index.js'
import { type ProjectKeys } from '../../src/projects/index.js'
import { dumpOf } from '../support/dump.js'
import { registeredRoutes } from '../support/registered-routes.js'
import { type Answer, Rollcall } from '../support/rollcall.js'
import {
  CLIENT_ROUTES,
  FORM_TYPE,
  PROJECT_ROUTES,
  type ProjectRoute,
  PUBLIC_ROUTES,
  REPORT_ROUTE,
  WORKER_ROUTES,
} from './access-table.js'

type Headers = Record<string, string>
interface Document {
  paths: Record<string, Record<string, { security?: Record<string, string[]>[] }>>
}

let rollcall: Rollcall
let stranger: ProjectKeys & { projectId: string }
let document: Document
/** For each parameter of a path one that the project has, and one of its form that nobody has. */
let ids: Record<string, [present: string, absent: string]>
let reportPath: string

beforeAll(async () => {
  rollcall = await Rollcall.start()
  stranger = await rollcall.projects.create('stranger')
  document = (await rollcall.call<Document>('GET', '/openapi.json', { keys: null })).body
  const asyncActionId = await rollcall.bulk([{ source_id: 'mine', name: 'Mine Alone' }])
  const { result } = await rollcall.finished(asyncActionId)
  reportPath = (result?.reports[0] ?? '').slice(rollcall.base.length)
  ids = {
    asyncActionId: [asyncActionId, 'aa_000000000000000000'],
    customerId: ['mine', 'nobody'],
    report: ['1', '1'],
  }
})
afterAll(() => rollcall.stop())

const byToken = (token: string): Headers => ({ authorization: `Bearer ${token}` })
const byKeys = ({ appId, appToken }: ProjectKeys): Headers => ({ 'x-app-id': appId, 'x-app-token': appToken })
const byBasic = ({ appId, appToken }: ProjectKeys): Headers => ({
  authorization: `Basic ${Buffer.from(`${appId}:${appToken}`).toString('base64')}`,
})

const tokenFor = async (scope: Scope, keys: ProjectKeys = rollcall.keys): Promise<string> => {
  const answer = await rollcall.call<{ access_token: string }>('POST', '/v1/oauth/token', {
    keys,
    headers: { 'content-type': FORM_TYPE },
    body: `grant_type=client_credentials&scope=${scope}`,
  })
  expect(answer.status).toBe(200)
  return answer.body.access_token
}
const endedToken = async () => {
  const token = await tokenFor('api')
  await rollcall.query(
    `UPDATE access_tokens SET expires_at = clock_timestamp() WHERE token_hash = sha256(convert_to($1, 'UTF8'))`,
    [token],
  )
  return token
}
const revokedToken = async () => {
  const token = await tokenFor('api')
  // Used once, so that it is remembered when it is revoked.
  expect((await call('GET /v1/customers', { headers: byToken(token) })).status).toBe(200)
  const headers = { 'content-type': FORM_TYPE }
  const body = `access_token=${token}`
  const answer = await rollcall.call('POST', '/v1/oauth/token/revoke', { headers, body })
  expect(answer.status).toBe(204)
  return token
}
const revokedKeys = async () => {
  const { projectId } = rollcall.keys
  const keys = { appId: randomUUID(), appToken: randomUUID() }
  await rollcall.query(
    `INSERT INTO api_keys (app_id, project_id, token_hash, revoked_at)
     VALUES ($1, $2, sha256(convert_to($3, 'UTF8')), clock_timestamp())`,
    [keys.appId, projectId, keys.appToken],
  )
  return keys
}

const fill = (path: string, which: 0 | 1) =>
  path.replace(/\{(\w+)\}/g, (_, name: string) => {
    const pair = ids[name]
    if (pair === undefined) throw new Error(`Teach this test an id for {${name}}.`)
    return pair[which]
  })

interface Call {
  readonly headers?: Headers
  readonly query?: string
  readonly body?: string
  readonly which?: 0 | 1
}

/** Calls a route with nothing but what is said here. */
const call = async (route: string, { headers = {}, query = '', body, which = 0 }: Call): Promise<Answer> => {
  const [method = '', path = ''] = route.split(' ')
  return rollcall.call(method, fill(path, which) + query, { keys: null, headers, body })
}
const bodyFor = ({ takes }: ProjectRoute): Call =>
  takes === undefined ? {} : { headers: { 'content-type': takes }, body: '{}' }
const withBody = (route: ProjectRoute, headers: Headers): Call => {
  const { headers: type, ...rest } = bodyFor(route)
  return { ...rest, headers: { ...type, ...headers } }
}

const names = (routes: readonly { route: string }[]) => routes.map(({ route }) => route)
const withId = PROJECT_ROUTES.filter(({ route }) => route.includes('{'))

describe('The table of who may call what', () => {
  it('has every route that an API answers, and no other', async () => {
    const table = [...names(PROJECT_ROUTES), ...CLIENT_ROUTES, REPORT_ROUTE, ...names(PUBLIC_ROUTES)]
    expect(await registeredRoutes(rollcall.database.url, 'api')).toEqual(table.sort())
  })

  it('has every route that a worker answers, and no other', async () => {
    expect(await registeredRoutes(rollcall.database.url, 'worker')).toEqual([...WORKER_ROUTES].sort())
  })

  it('is what /openapi.json says of each operation', () => {
    const documented = Object.entries(document.paths).flatMap(([path, operations]) =>
      Object.entries(operations).map(([method, { security = [] }]) => {
        const scopes = security.flatMap(({ oauth }) => oauth ?? [])
        return [`${method.toUpperCase()} ${path}`, scopes] as const
      }),
    )
    for (const [route, scopes] of documented) {
      const listed = PROJECT_ROUTES.find((each) => each.route === route)
      expect([route, scopes]).toEqual([route, [...(listed?.scopes ?? [])]])
    }
    const undocumented = names(PROJECT_ROUTES).filter((route) => !documented.some(([each]) => each === route))
    expect(undocumented).toEqual([])
  })
})

describe('A route of a project', () => {
  /** How a caller is no caller, and what they are told. */
  const STRANGERS: [string, (route: ProjectRoute) => Promise<Call>, challenge: string, details: RegExp][] = [
    ['nothing', (route) => Promise.resolve(bodyFor(route)), '', /^Send X-App-Id/],
    [
      'an unknown token',
      (route) => Promise.resolve(withBody(route, byToken('x'.repeat(50)))),
      ', error="invalid_token"',
      /^The access token is unknown/,
    ],
    [
      'a token that has ended',
      async (route) => withBody(route, byToken(await endedToken())),
      ', error="invalid_token"',
      /^The access token is unknown/,
    ],
    [
      'a token that was revoked',
      async (route) => withBody(route, byToken(await revokedToken())),
      ', error="invalid_token"',
      /^The access token is unknown/,
    ],
    [
      'a token in the query',
      async (route) => ({ ...bodyFor(route), query: `?access_token=${await tokenFor('api')}` }),
      '',
      /not in the query/,
    ],
    [
      'a token in the query beside keys',
      async (route) => ({
        ...withBody(route, byKeys(rollcall.keys)),
        query: `?access_token=${await tokenFor('api')}`,
      }),
      '',
      /not in the query/,
    ],
    [
      'the keys of an application in the query',
      (route) => {
        const { appId, appToken } = rollcall.keys
        return Promise.resolve({ ...bodyFor(route), query: `?X-App-Id=${appId}&X-App-Token=${appToken}` })
      },
      '',
      /^Send X-App-Id/,
    ],
    [
      'keys by HTTP Basic',
      (route) => Promise.resolve(withBody(route, byBasic(rollcall.keys))),
      ', error="invalid_token"',
      /^Send X-App-Id/,
    ],
    [
      'the keys of an unknown application',
      (route) => Promise.resolve(withBody(route, byKeys({ appId: randomUUID(), appToken: randomUUID() }))),
      '',
      /are not the keys of an application/,
    ],
    [
      'the right id with a wrong secret',
      (route) => Promise.resolve(withBody(route, byKeys({ ...rollcall.keys, appToken: randomUUID() }))),
      '',
      /are not the keys of an application/,
    ],
    [
      'the id of one project with the secret of another',
      (route) => {
        const { appToken } = stranger
        return Promise.resolve(withBody(route, byKeys({ ...rollcall.keys, appToken })))
      },
      '',
      /are not the keys of an application/,
    ],
    [
      'keys that were revoked',
      async (route) => withBody(route, byKeys(await revokedKeys())),
      '',
      /are not the keys of an application/,
    ],
  ]

  describe.each(PROJECT_ROUTES)('$route', (route) => {
    it.each(STRANGERS)('refuses %s with 401', async (_, asking, challenge, details) => {
      const { status, headers, body } = await call(route.route, await asking(route))
      expect(status).toBe(401)
      expect(headers.get('www-authenticate')).toBe(`Bearer realm="rollcall"${challenge}`)
      expect(body).toEqual({
        code: 401,
        key: 'unauthorized',
        message: 'Unauthorized',
        details: expect.stringMatching(details) as string,
        request_id: headers.get('x-voucherify-request-id'),
      })
    })

    it('refuses a token in the body with 401', async () => {
      const token = await tokenFor('api')
      const bodies = [
        [FORM_TYPE, `access_token=${token}`],
        ['application/json', JSON.stringify({ access_token: token })],
      ] as const
      for (const [type, body] of route.route.startsWith('GET') ? [] : bodies) {
        const { status } = await call(route.route, { headers: { 'content-type': type }, body })
        expect([type, status]).toEqual([type, 401])
      }
    })

    it('refuses tokens of every other scope with 403, whether or not there is what they ask about', async () => {
      const others = SCOPES.filter((scope) => !route.scopes.includes(scope))
      expect(others.length).toBeGreaterThan(0)
      for (const scope of others) {
        const headers = byToken(await tokenFor(scope))
        const told = []
        for (const which of [0, 1] as const) {
          const answer = await call(route.route, { ...withBody(route, headers), which })
          expect([scope, answer.status]).toEqual([scope, 403])
          expect(answer.headers.get('www-authenticate')).toBe(
            `Bearer realm="rollcall", error="insufficient_scope", scope="${route.scopes.join(' ')}"`,
          )
          told.push({ ...answer.body, request_id: '' })
        }
        expect(told[0]).toMatchObject({ code: 403, key: 'missing_required_permission' })
        expect(told[1]).toEqual(told[0])
      }
    })

    it('admits keys and tokens of its scopes, which shows that the above was about credentials', async () => {
      // A query that no route takes, and ids that nobody has: nothing of the project is touched.
      const admitted = [byKeys(rollcall.keys)]
      for (const scope of route.scopes) admitted.push(byToken(await tokenFor(scope)))
      for (const headers of admitted) {
        const { status } = await call(route.route, { ...withBody(route, headers), which: 1 })
        expect([401, 403]).not.toContain(status)
        expect(status).toBeLessThan(500)
      }
    })
  })

  it.each(names(PROJECT_ROUTES.filter(({ route }) => route.startsWith('GET'))))(
    '%s asks HEAD for credentials too',
    async (route) => {
      expect((await call(route.replace('GET', 'HEAD'), {})).status).toBe(401)
    },
  )
})

describe('The credentials of another project', () => {
  /** What a stranger is told, with the id that was asked for made the same. */
  const told = async (route: ProjectRoute, headers: Headers, which: 0 | 1) => {
    const { status, text } = await call(route.route, { ...withBody(route, headers), which })
    const neutral = Object.values(ids).reduce((rest, pair) => rest.replaceAll(`${pair[which]}"`, 'ID"'), text)
    return { status, text: neutral.replace(/"request_id":"v-\w+"/, '') }
  }

  const ownRows = async () => {
    const rows = await dumpOf((sql) => rollcall.query(sql))
    return rows.filter((row) => row.includes(rollcall.keys.projectId) && !row.startsWith('access_tokens '))
  }

  it.each(withId)('are told on $route exactly what is told of an id that nobody has', async (route) => {
    for (const headers of [byKeys(stranger), byToken(await tokenFor('api', stranger))]) {
      const foreign = await told(route, headers, 0)
      expect(foreign.status).toBe(404)
      expect(foreign).toEqual(await told(route, headers, 1))
    }
  })

  it('find nothing in any list', async () => {
    for (const route of PROJECT_ROUTES.filter(
      (each) => each.route.startsWith('GET') && !withId.includes(each),
    )) {
      const { status, text } = await call(route.route, { headers: byKeys(stranger) })
      expect([route.route, status]).toEqual([route.route, 200])
      for (const [present] of [...Object.values(ids), ['Mine Alone']])
        if (present !== '1') expect(text).not.toContain(present)
    }
  })

  it('change nothing of a project, by any route', async () => {
    const before = await ownRows()
    expect(before.length).toBeGreaterThan(3)
    for (const route of PROJECT_ROUTES) await call(route.route, withBody(route, byKeys(stranger)))
    const bulk = await rollcall.bulk([{ source_id: 'mine', name: 'Of the stranger' }], stranger)
    await rollcall.finished(bulk, stranger)
    expect(await ownRows()).toEqual(before)
    expect((await rollcall.call('GET', '/v1/customers/mine')).body).toMatchObject({ name: 'Mine Alone' })
  })
})

describe('An OAuth endpoint', () => {
  const asForm = (headers: Headers, body: string): Call => ({
    headers: { 'content-type': FORM_TYPE, ...headers },
    body,
  })
  const GRANT = 'grant_type=client_credentials&scope=api'

  describe.each(CLIENT_ROUTES)('%s', (route) => {
    it.each<[string, () => Headers | Promise<Headers>]>([
      ['nothing', () => ({})],
      ['the keys of an unknown application', () => byKeys({ appId: randomUUID(), appToken: randomUUID() })],
      ['the right id with a wrong secret', () => byKeys({ ...rollcall.keys, appToken: randomUUID() })],
      [
        'the right id with a wrong secret by HTTP Basic',
        () => byBasic({ ...rollcall.keys, appToken: randomUUID() }),
      ],
      ['keys that were revoked', async () => byKeys(await revokedKeys())],
      ['a token', async () => byToken(await tokenFor('api'))],
    ])('refuses %s with 401', async (_, credentials) => {
      const { status, headers, body } = await call(route, asForm(await credentials(), GRANT))
      expect(status).toBe(401)
      expect(headers.get('www-authenticate')).toBe('Basic realm="rollcall"')
      expect(body).toMatchObject({ code: 401, key: 'unauthorized', error: 'invalid_client' })
    })

    it('refuses keys in the form or in the query', async () => {
      const { appId, appToken } = rollcall.keys
      const pair = `client_id=${appId}&client_secret=${appToken}`
      expect((await call(route, asForm({}, `${GRANT}&${pair}`))).status).toBe(401)
      expect((await call(route, { ...asForm({}, GRANT), query: `?${pair}` })).status).toBe(401)
    })

    it('admits keys, in headers and by HTTP Basic', async () => {
      for (const headers of [byKeys(rollcall.keys), byBasic(rollcall.keys)])
        expect((await call(route, asForm(headers, `${GRANT}&token=nobody`))).status).toBe(200)
    })
  })

  it('tells nothing of the tokens of another project, and does not end them', async () => {
    const token = await tokenFor('api')
    const told = async (route: string, parameter: string) => {
      const { status, text } = await call(route, asForm(byKeys(stranger), parameter))
      return { status, text }
    }
    for (const route of ['POST /v1/oauth/introspect', 'POST /v1/oauth/token/revoke']) {
      for (const name of ['token', 'access_token']) {
        expect(await told(route, `${name}=${token}`)).toEqual(await told(route, `${name}=${'x'.repeat(50)}`))
      }
    }
    expect((await call('GET /v1/customers', { headers: byToken(token) })).status).toBe(200)
  })
})

describe('A report', () => {
  const asked = (path: string, headers: Headers = {}) => rollcall.call('GET', path, { keys: null, headers })

  it('is given to whoever has its link, and to nobody else', async () => {
    expect((await asked(reportPath)).status).toBe(200)
    const [path = ''] = reportPath.split('?')
    const token = await tokenFor('api')
    for (const headers of [{}, byKeys(rollcall.keys), byToken(token), byKeys(stranger)])
      expect((await asked(path, headers)).status).toBe(401)
    expect((await asked(`${path}?token=${token}`)).status).toBe(401)
    expect((await asked(`${path}?access_token=${token}`)).status).toBe(401)
  })

  it('is not opened by the link of another one, of the same project or of another', async () => {
    const [path = ''] = reportPath.split('?')
    const linkOf = async (keys: ProjectKeys) => {
      const { result } = await rollcall.finished(await rollcall.bulk([], keys), keys)
      return result?.reports[0]?.split('?')[1] ?? ''
    }
    for (const keys of [rollcall.keys, stranger])
      expect((await asked(`${path}?${await linkOf(keys)}`)).status).toBe(401)
  })

  it('tells whoever has no link the same of actions that are there and of others', async () => {
    const of = async (id: string) => {
      const { status, body } = await asked(`/v1/async-actions/${id}/reports/1?token=x`)
      return [status, { ...body, request_id: '' }]
    }
    const [present = '', absent = ''] = ids['asyncActionId'] ?? []
    expect(await of(present)).toEqual(await of(absent))
  })
})

describe('A public route', () => {
  it.each(PUBLIC_ROUTES)(
    '$route answers anybody, whatever credentials are sent: $because',
    async ({ route, answers = 200 }) => {
      for (const headers of [{}, byToken('nope'), byKeys({ appId: 'nobody', appToken: 'nope' })]) {
        const [method = '', path = ''] = route.split(' ')
        const { status } = await fetch(rollcall.base + path, { method, headers })
        expect([path, status]).toEqual([path, answers])
      }
    },
  )
})
