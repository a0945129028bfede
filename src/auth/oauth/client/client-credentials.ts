import { type Request } from 'express'

export interface ClientCredentials {
  readonly appId: string
  readonly appToken: string
}

/** The client of a token request: `X-App-Id` and `X-App-Token`, or HTTP Basic as OAuth clients send it. */
export function clientCredentialsOf(request: Request): ClientCredentials | undefined {
  const appId = request.get('X-App-Id')
  const appToken = request.get('X-App-Token')
  if (appId && appToken) return { appId, appToken }
  const [, encoded] = /^Basic ([A-Za-z0-9+/=]+)$/i.exec(request.get('Authorization') ?? '') ?? []
  return encoded === undefined ? undefined : fromBasic(Buffer.from(encoded, 'base64').toString())
}

function fromBasic(pair: string): ClientCredentials | undefined {
  const colon = pair.indexOf(':')
  if (colon < 1 || colon === pair.length - 1) return undefined
  try {
    // RFC 6749 §2.3.1: both halves are form-encoded before they are joined.
    return { appId: formDecoded(pair.slice(0, colon)), appToken: formDecoded(pair.slice(colon + 1)) }
  } catch (error) {
    if (error instanceof URIError) return undefined
    throw error
  }
}

const formDecoded = (text: string): string => decodeURIComponent(text.replaceAll('+', ' '))
