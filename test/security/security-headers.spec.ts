import { registeredRoutes } from '../support/registered-routes.js'
import { sendRaw } from '../support/raw-http.js'
import { Rollcall } from '../support/rollcall.js'

const PAGE = [
  "base-uri 'none'",
  "connect-src 'self'",
  "default-src 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
  "img-src 'self' data:",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
]
const NOTHING = ["default-src 'none'", "frame-ancestors 'none'"]
const policyIn = (headers: Headers): string[] =>
  (headers.get('content-security-policy') ?? '')
    .split(';')
    .map((part) => part.trim())
    .sort()

let rollcall: Rollcall

beforeAll(async () => {
  rollcall = await Rollcall.start({ workers: 0, env: { CORS_ORIGINS: 'https://app.example.com' } })
})
afterAll(() => rollcall.stop())

const get = (path: string, headers: Record<string, string> = {}, base = rollcall.base): Promise<Response> =>
  fetch(`${base}${path}`, { headers, redirect: 'manual' })

describe('Every answer', () => {
  it('tells browsers to load nothing, to show it in no frame, to guess no type and to name it to nobody', async () => {
    const all = await registeredRoutes(rollcall.database.url, 'api')
    const routes = all.filter((route) => !/^\S+ \/docs(\/|$)/.test(route))
    expect(routes.length).toBeGreaterThan(20)
    for (const route of [...routes, 'GET /nothing', 'GET /v1/customers/%zz', 'OPTIONS /v1/customers']) {
      const [method = '', path = ''] = route.replaceAll(/\{\w+\}/g, 'x').split(' ')
      const { headers } = await fetch(`${rollcall.base}${path}`, { method })
      expect([route, policyIn(headers)]).toEqual([route, NOTHING])
      expect([route, headers.get('x-content-type-options')]).toEqual([route, 'nosniff'])
      expect([route, headers.get('x-frame-options')]).toEqual([route, 'DENY'])
      expect([route, headers.get('referrer-policy')]).toEqual([route, 'no-referrer'])
      expect([route, headers.get('x-powered-by')]).toEqual([route, null])
      expect([route, headers.get('cache-control')]).toEqual([
        route,
        expect.stringMatching(/^private, no-(cache|store)$|^no-store$/),
      ])
    }
  })
})

describe('Swagger UI', () => {
  it.each(['/docs', '/docs/', '/docs/swagger-ui-init.js', '/docs/swagger-ui-bundle.js'])(
    '%s may run scripts of this server, and none inside the page',
    async (path) => {
      const answer = await get(path)
      expect(answer.status).toBe(200)
      expect(policyIn(answer.headers)).toEqual(PAGE)
    },
  )

  it('has no script inside', async () => {
    const page = await (await get('/docs')).text()
    const scripts = [...page.matchAll(/<script([^>]*)>([^<]*)</g)]
    expect(scripts.length).toBeGreaterThan(0)
    expect(
      scripts.filter(([, attributes, inside]) => !attributes?.includes('src=') || inside?.trim() !== ''),
    ).toEqual([])
    expect(page).not.toMatch(/\son[a-z]+=/i)
  })
})

describe('That TLS is to be used', () => {
  it('is said where PUBLIC_URL shows that there is TLS, for this host alone', async () => {
    const behindTls = await rollcall.startAnotherApi({ PUBLIC_URL: 'https://rollcall.example.com' })
    const said = (await get('/health/live', {}, behindTls)).headers.get('strict-transport-security')
    expect(said).toBe('max-age=31536000')
    expect((await get('/health/live')).headers.get('strict-transport-security')).toBeNull()
  })
})

describe('A page of another origin', () => {
  const preflight = { 'access-control-request-method': 'POST', 'access-control-request-headers': 'x-app-id' }
  const allowing = (headers: Headers) =>
    ['origin', 'credentials'].map((what) => headers.get(`access-control-allow-${what}`))

  it('is let in when it is in the list, by its own name and without credentials of the browser', async () => {
    const { headers } = await get('/v1/customers', { origin: 'https://app.example.com' })
    expect(allowing(headers)).toEqual(['https://app.example.com', null])
    expect(headers.get('vary')).toMatch(/Origin/)
  })

  it.each(['https://evil.example.com', 'https://app.example.com.evil.com', 'http://app.example.com', 'null'])(
    'is not let in otherwise: %s',
    async (origin) => {
      expect(allowing((await get('/v1/customers', { origin })).headers)).toEqual([null, null])
      const asked = await fetch(`${rollcall.base}/v1/customers/bulk/async`, {
        method: 'OPTIONS',
        headers: { origin, ...preflight },
      })
      expect(allowing(asked.headers)).toEqual([null, null])
    },
  )

  it('is let in by nobody when there is no list', async () => {
    const closed = await rollcall.startAnotherApi({ CORS_ORIGINS: '' })
    const { headers } = await get('/v1/customers', { origin: 'https://app.example.com' }, closed)
    expect(allowing(headers)).toEqual([null, null])
  })
})

describe('What is refused before the application hears of it', () => {
  it('is no page either', async () => {
    const { headers } = await sendRaw(rollcall.base, ['GET / HTTP/1.1', 'broken'])
    expect(headers['content-type']).toBe('application/json; charset=utf-8')
    expect(headers['x-content-type-options']).toBe('nosniff')
  })
})
