import { type Scope } from '../../src/auth/index.js'

/** A route that acts for the project of its caller. */
export interface ProjectRoute {
  readonly route: string
  /** Any one of these admits a token; app keys may do everything. */
  readonly scopes: readonly Scope[]
  /** Media type of the body that it takes. */
  readonly takes?: string
}

/** A route that anybody may call, and why. */
export interface PublicRoute {
  readonly route: string
  readonly because: string
  /** The status of its answer, 200 if it is not said. */
  readonly answers?: number
}

const JSON_TYPE = 'application/json'
export const FORM_TYPE = 'application/x-www-form-urlencoded'
const CUSTOMERS = ['api', 'customers'] as const
const ASYNC_ACTIONS = ['api', 'async-actions'] as const

/** By app keys or an access token. */
export const PROJECT_ROUTES: readonly ProjectRoute[] = [
  { route: 'GET /v1/async-actions', scopes: ASYNC_ACTIONS },
  { route: 'GET /v1/async-actions/{asyncActionId}', scopes: ASYNC_ACTIONS },
  { route: 'GET /v1/customers', scopes: CUSTOMERS },
  { route: 'POST /v1/customers', scopes: CUSTOMERS, takes: JSON_TYPE },
  { route: 'POST /v1/customers/bulk/async', scopes: CUSTOMERS, takes: JSON_TYPE },
  { route: 'POST /v1/customers/importCSV', scopes: CUSTOMERS, takes: 'multipart/form-data; boundary=b' },
  { route: 'POST /v1/customers/metadata/async', scopes: CUSTOMERS, takes: JSON_TYPE },
  { route: 'DELETE /v1/customers/{customerId}', scopes: CUSTOMERS },
  { route: 'GET /v1/customers/{customerId}', scopes: CUSTOMERS },
  { route: 'GET /v1/customers/{customerId}/activities', scopes: CUSTOMERS },
  { route: 'GET /v1/customers/{customerId}/activity', scopes: CUSTOMERS },
  { route: 'POST /v1/customers/{customerId}/permanent-deletion', scopes: CUSTOMERS },
  { route: 'PUT /v1/customers/{customerId}', scopes: CUSTOMERS, takes: JSON_TYPE },
]

/** By app keys alone, in headers or HTTP Basic: an access token must not beget another one. */
export const CLIENT_ROUTES: readonly string[] = [
  'POST /v1/oauth/introspect',
  'POST /v1/oauth/token',
  'POST /v1/oauth/token/revoke',
]

/** By the signature in its link alone. */
export const REPORT_ROUTE = 'GET /v1/async-actions/{asyncActionId}/reports/{report}'

const HEALTH = 'Load balancers ask without credentials, and it says nothing but whether it runs.'
const DOCUMENTS = 'What the API looks like is no secret; it knows no project.'
const DISCOVERY = 'Clients read it before they have a token (RFC 8414, RFC 9728).'

export const PUBLIC_ROUTES: readonly PublicRoute[] = [
  { route: 'GET /.well-known/oauth-authorization-server', because: DISCOVERY },
  { route: 'GET /.well-known/oauth-protected-resource', because: DISCOVERY },
  { route: 'GET /docs', because: DOCUMENTS },
  { route: 'GET /docs-yaml', because: DOCUMENTS },
  { route: 'GET /docs/', because: DOCUMENTS },
  // One of the files that Swagger UI would bring along and that are not given.
  { route: 'GET /docs/LICENSE', because: DOCUMENTS, answers: 404 },
  { route: 'GET /docs/docs/swagger-ui-init.js', because: DOCUMENTS },
  { route: 'GET /docs/index.html', because: DOCUMENTS },
  { route: 'GET /docs/swagger-ui-init.js', because: DOCUMENTS },
  { route: 'GET /health/live', because: HEALTH },
  { route: 'GET /health/ready', because: HEALTH },
  { route: 'GET /openapi.json', because: DOCUMENTS },
]

/** All that a worker answers. */
export const WORKER_ROUTES: readonly string[] = ['GET /health/live', 'GET /health/ready']
