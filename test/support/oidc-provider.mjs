/**
 * An authorization server to be forked by a test: oidc-provider, which exists as an ES module only. Each message
 * configures it anew, `{ port, audience, jwks, clients: { id: { secret, claims } } }`, and is answered with
 * `{ issuer, jwksReads }`.
 */
import { once } from 'node:events'
import { createServer } from 'node:http'
import { Provider } from 'oidc-provider'

const SCOPES = 'api customers async-actions'

let handle
let jwksReads = 0
const server = createServer((request, response) => {
  if (request.url === '/jwks') jwksReads++
  handle(request, response)
})

process.on('message', (config) => void configure(config))
process.on('disconnect', () => process.exit())

async function configure(config) {
  if (!server.listening) await once(server.listen(config.port, '127.0.0.1'), 'listening')
  const issuer = `http://127.0.0.1:${server.address().port}`
  handle = provider(issuer, config).callback()
  process.send({ issuer, jwksReads })
}

function provider(issuer, { audience, jwks, clients }) {
  return new Provider(issuer, {
    jwks,
    clients: Object.entries(clients).map(([client_id, { secret }]) => ({
      client_id,
      client_secret: secret,
      grant_types: ['client_credentials'],
      redirect_uris: [],
      response_types: [],
    })),
    scopes: SCOPES.split(' '),
    features: {
      devInteractions: { enabled: false },
      clientCredentials: { enabled: true },
      resourceIndicators: {
        enabled: true,
        getResourceServerInfo: (_, resource) => ({
          audience: resource === audience ? audience : resource,
          scope: SCOPES,
          accessTokenFormat: 'jwt',
          jwt: { sign: { alg: jwks.keys[0].alg } },
        }),
      },
    },
    extraTokenClaims: (_, { clientId }) => clients[clientId].claims,
    ttl: { ClientCredentials: 600 },
  })
}
