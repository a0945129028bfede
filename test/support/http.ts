import { checkAnswer } from '../contract/official/check-answer.js'

/** The two keys of a project. */
export interface Keys {
  readonly appId: string
  readonly appToken: string
}

export interface CallOptions {
  /** None are sent when it is null. */
  readonly keys?: Keys | null
  readonly headers?: Record<string, string>
  /** A string or bytes are sent as they are, a form as multipart, everything else as JSON. */
  readonly body?: unknown
}

export interface Answer<Body = Record<string, unknown>> {
  readonly status: number
  readonly headers: Headers
  readonly text: string
  readonly body: Body
}

/** Sends a request and checks the answer against the contract; throws when it is not as it has to be. */
export async function send<Body = Record<string, unknown>>(
  base: string,
  method: string,
  path: string,
  { keys = null, headers = {}, body }: CallOptions = {},
): Promise<Answer<Body>> {
  const asIs = typeof body === 'string' || body instanceof Uint8Array || body instanceof FormData
  const response = await fetch(base + path, {
    method,
    headers: {
      ...(keys && { 'x-app-id': keys.appId, 'x-app-token': keys.appToken }),
      ...(body !== undefined && !(body instanceof FormData) && { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(body !== undefined && { body: asIs ? body : JSON.stringify(body) }),
  })
  const text = await response.text()
  const { status } = response
  checkAnswer({ method, path, status, contentType: response.headers.get('content-type'), text })
  return { status, headers: response.headers, text, body: parseJson(text) as Body }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
