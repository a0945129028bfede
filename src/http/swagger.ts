import { type INestApplication } from '@nestjs/common'
import { DocumentBuilder, type OpenAPIObject, SwaggerModule } from '@nestjs/swagger'

const DESCRIPTION = `
Takes customers in bulk and accounts for every one of them.

1. **Authorize** with the app id (client id) and the app token (client secret) that \`npm start\` printed, scope \`api\`.
2. \`POST /v1/customers/bulk/async\` with the example: the answer is the id of an asynchronous action.
3. \`GET /v1/async-actions/{asyncActionId}\` with that id, until \`status\` is \`DONE\`.
4. Open the link in \`result.reports\`: one line per row.

Every endpoint takes an OAuth 2.0 access token (\`Authorization: Bearer\`) or, instead, the two headers
\`X-App-Id\` and \`X-App-Token\`.`

const SCOPES = {
  api: 'Everything.',
  customers: 'Endpoints below /v1/customers.',
  'async-actions': 'Endpoints below /v1/async-actions.',
}

/** The OpenAPI document of the running API. */
export function describeApi(app: INestApplication, version: string): OpenAPIObject {
  const config = new DocumentBuilder()
    .setTitle('Rollcall')
    .setDescription(DESCRIPTION)
    .setVersion(version)
    .setLicense('MIT', 'https://opensource.org/license/mit')
    .addTag('Customers', 'Bring customers in, and see what became of them.')
    .addTag('Async actions', 'Follow what goes on in the background.')
    .addTag('OAuth', 'Get, ask about and end access tokens.')
    .addTag('Health', 'For load balancers and monitoring.')
    .addApiKey({ type: 'apiKey', name: 'X-App-Id', in: 'header' }, 'X-App-Id')
    .addApiKey({ type: 'apiKey', name: 'X-App-Token', in: 'header' }, 'X-App-Token')
    .addBasicAuth({ type: 'http', description: 'App id and app token, for the OAuth endpoints.' }, 'basic')
    .addOAuth2(
      { type: 'oauth2', flows: { clientCredentials: { tokenUrl: '/v1/oauth/token', scopes: SCOPES } } },
      'oauth',
    )
    .build()
  return withWholeNumbers(SwaggerModule.createDocument(app, config))
}

/** Every number that this API takes or gives is a whole one; the types of TypeScript cannot say so. */
function withWholeNumbers(document: OpenAPIObject): OpenAPIObject {
  const toInteger = (key: string, value: unknown): unknown =>
    key === 'type' && value === 'number' ? 'integer' : value
  return JSON.parse(JSON.stringify(document, toInteger)) as OpenAPIObject
}

/** Serves the document at /openapi.json and Swagger UI at /docs. */
export function serveDocs(app: INestApplication, version: string): void {
  SwaggerModule.setup('docs', app, () => describeApi(app, version), {
    jsonDocumentUrl: 'openapi.json',
    customSiteTitle: 'Rollcall API',
    customCss: '.swagger-ui .topbar { display: none }',
    swaggerOptions: { persistAuthorization: true, displayRequestDuration: true, tryItOutEnabled: true },
  })
}
