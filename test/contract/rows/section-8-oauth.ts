import { type Token } from './context.js'
import { assert, has, isError } from './expect.js'
import { Section } from './row.js'

const section = new Section('8')
const UNKNOWN = 'access_token=1ABCde2FGHijKl3m4NO5pqR6STUv7wxYzAbc8dE90FgH1IJkLm'

section.official('a token is issued for 900 seconds, with all documented fields', async (c) => {
  const token = await c.token('api')
  has(token, { expires_in: 900, scope: 'api', token_type: 'Bearer' })
  assert.ok(Math.abs(token.expires_at - Date.now() / 1_000 - 900) < 60)
  assert.match(token.access_token, /^[0-9A-Za-z]{20,}$/)
})

section.official('scopes are separated by spaces, which forms send as +', async (c) => {
  const { body } = await c.form<Token>('/v1/oauth/token', 'grant_type=client_credentials&scope=api+customers')
  assert.equal(body.scope, 'api customers')
})

section.official('all three endpoints need the keys', async (c) => {
  for (const path of ['token', 'introspect', 'token/revoke'])
    assert.equal((await c.form(`/v1/oauth/${path}`, UNKNOWN, { keys: null })).status, 401)
})

for (const [form, error] of [
  [
    'grant_type=client_credentials&scope=vouchers+nonsense',
    { key: 'invalid_scope', message: /^Invalid scope: .*nonsense$/ },
  ],
  ['grant_type=password&scope=api', { key: 'invalid_grant_type', message: /^Invalid grant_type$/ }],
  ['grant_type=client_credentials', { key: 'missing_parameters', message: /^Missing parameters$/ }],
  ['scope=api', { key: 'missing_parameters', message: /^Missing parameters$/ }],
] as const) {
  section.official(`a token request of ${form} is 400 ${error.key}`, async (c) => {
    const answer = await c.form('/v1/oauth/token', form)
    isError(answer, 400, { key: error.key })
    assert.match(String(answer.body['message']), error.message)
  })
}

section.official('introspection shows a living token, with expires_in counting down', async (c) => {
  const token = await c.token('api customers')
  const { status, body } = await c.form<Token>('/v1/oauth/introspect', `access_token=${token.access_token}`)
  assert.equal(status, 200)
  // What a server adds, such as the names of RFC 7662, is for the check of every answer to judge.
  const { expires_in } = body
  assert.deepEqual({ ...body, ...token, expires_in }, body)
  assert.equal((body as { active?: unknown }).active, true)
  assert.ok(expires_in <= 900 && expires_in > 800)
})

section.official(
  'introspection of an unknown token is 200 with {"active":false} and nothing else',
  async (c) => {
    const { status, body } = await c.form('/v1/oauth/introspect', UNKNOWN)
    assert.equal(status, 200)
    assert.deepEqual(body, { active: false })
  },
)

section.official('introspection without access_token is 400 missing_parameters', async (c) => {
  const answer = await c.form('/v1/oauth/introspect', '')
  isError(answer, 400, { key: 'missing_parameters', message: 'Missing parameters' })
})

section.official('revocation answers 204, and the token is dead at once', async (c) => {
  const { access_token: token } = await c.token('api')
  assert.equal((await c.withToken(token, 'GET', '/v1/async-actions')).status, 200)
  const answer = await c.form('/v1/oauth/token/revoke', `access_token=${token}`)
  assert.deepEqual([answer.status, answer.text], [204, ''])
  isError(await c.withToken(token, 'GET', '/v1/async-actions'), 401)
  assert.deepEqual((await c.form('/v1/oauth/introspect', `access_token=${token}`)).body, { active: false })
})

section.official('revocation of an unknown token is 404 with an empty body', async (c) => {
  const answer = await c.form('/v1/oauth/token/revoke', UNKNOWN)
  assert.deepEqual([answer.status, answer.text], [404, ''])
})

section.ours(
  'a token of another project is unknown here, to introspection and to revocation',
  async (c) => {
    const { access_token: theirs } = await c.other.token('api')
    assert.deepEqual((await c.form('/v1/oauth/introspect', `access_token=${theirs}`)).body, { active: false })
    assert.equal((await c.form('/v1/oauth/token/revoke', `access_token=${theirs}`)).status, 404)
    assert.equal((await c.withToken(theirs, 'GET', '/v1/async-actions')).status, 200)
  },
  'a second project',
)

for (const [scope, path] of [
  ['api', '/v1/customers?limit=1'],
  ['api', '/v1/async-actions?limit=1'],
  ['customers', '/v1/customers?limit=1'],
  ['async-actions', '/v1/async-actions?limit=1'],
] as const) {
  section.official(`the scope ${scope} admits to ${path}`, async (c) => {
    const { access_token: token } = await c.token(scope)
    assert.equal((await c.withToken(token, 'GET', path)).status, 200)
  })
}

export const OAUTH = section.rows
