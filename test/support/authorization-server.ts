import { type ChildProcess, fork } from 'node:child_process'
import { generateKeyPairSync, type KeyObject } from 'node:crypto'
import { once } from 'node:events'
import { join } from 'node:path'
import { type JWTHeaderParameters, type JWTPayload, SignJWT } from 'jose'

/** A key of an issuer: what it signs with, and what it publishes. */
export interface SigningKey {
  readonly kid: string
  readonly alg: string
  readonly privateKey: KeyObject
  readonly publicKey: KeyObject
}

export function newSigningKey(kid: string, alg: 'RS256' | 'ES256' = 'RS256'): SigningKey {
  const pair =
    alg === 'RS256'
      ? generateKeyPairSync('rsa', { modulusLength: 2048 })
      : generateKeyPairSync('ec', { namedCurve: 'P-256' })
  return { kid, alg, ...pair }
}

/** The document that an issuer publishes of its keys. */
export const publishedKeys = (keys: readonly SigningKey[]) => ({
  keys: keys.map(({ kid, alg, publicKey }) => ({
    ...publicKey.export({ format: 'jwk' }),
    kid,
    alg,
    use: 'sig',
  })),
})

export interface ServerOptions {
  readonly audience: string
  readonly keys: readonly SigningKey[]
  /** What the tokens of each client say beside the usual. */
  readonly clients: Record<string, Record<string, unknown>>
  readonly port?: number
}

const SECRET = 'a-secret-of-a-client-at-the-authorization-server'

/** A real authorization server (oidc-provider) in a process of its own. */
export class AuthorizationServer {
  issuer = ''

  private constructor(
    private readonly child: ChildProcess,
    private options: ServerOptions,
  ) {}

  static async start(options: ServerOptions): Promise<AuthorizationServer> {
    const child = fork(join(__dirname, 'oidc-provider.mjs'), {
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    })
    const server = new AuthorizationServer(child, options)
    await server.configure(options)
    return server
  }

  /** From now on it signs with the first of these keys, and publishes them alone. */
  async rotate(keys: readonly SigningKey[]): Promise<void> {
    await this.configure({ ...this.options, keys })
  }

  /** How often its keys have been read. */
  async jwksReads(): Promise<number> {
    return (await this.configure(this.options)).jwksReads
  }

  /** A token as it issues them. */
  async tokenFor(clientId: string, scope = 'api', resource = this.options.audience): Promise<string> {
    const response = await fetch(`${this.issuer}/token`, {
      method: 'POST',
      headers: { authorization: `Basic ${Buffer.from(`${clientId}:${SECRET}`).toString('base64')}` },
      body: new URLSearchParams({ grant_type: 'client_credentials', scope, resource }),
    })
    const body = (await response.json()) as { access_token?: string }
    if (body.access_token === undefined) throw new Error(`No token: ${JSON.stringify(body)}`)
    return body.access_token
  }

  async stop(): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return
    this.child.kill('SIGKILL')
    await once(this.child, 'exit')
  }

  private async configure(options: ServerOptions): Promise<{ issuer: string; jwksReads: number }> {
    this.options = options
    const { audience, keys, port = 0 } = options
    const clients = Object.fromEntries(
      Object.entries(options.clients).map(([id, claims]) => [id, { secret: SECRET, claims }]),
    )
    const jwks = {
      keys: keys.map((key) => ({
        ...key.privateKey.export({ format: 'jwk' }),
        kid: key.kid,
        alg: key.alg,
        use: 'sig',
      })),
    }
    const answered = once(this.child, 'message') as Promise<[{ issuer: string; jwksReads: number }]>
    const ended = once(this.child, 'exit').then(([code]) => {
      throw new Error(`The authorization server ended with ${String(code)}.`)
    })
    ended.catch(() => undefined)
    this.child.send({ audience, jwks, clients, port })
    const [answer] = await Promise.race([answered, ended])
    this.issuer = answer.issuer
    return answer
  }
}

/** A token as a test wants it, signed by a key of the issuer. */
export const signToken = (
  { privateKey, kid, alg }: SigningKey,
  claims: JWTPayload,
  header: Partial<JWTHeaderParameters> = {},
): Promise<string> =>
  new SignJWT(claims).setProtectedHeader({ alg, kid, typ: 'at+jwt', ...header }).sign(privateKey)
