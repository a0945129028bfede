import { VoucherifyServerSide } from '@voucherify/sdk'
import { checkAnswer } from '../contract/official/check-answer.js'
import { type Keys } from './http.js'

export type OfficialClient = ReturnType<typeof VoucherifyServerSide>

/** One request of the client as it went over the wire. */
export interface WireRequest {
  readonly method: string
  readonly path: string
  /** By names in lower case. */
  readonly headers: Readonly<Record<string, unknown>>
  readonly status: number
}

interface AxiosResponse {
  readonly status: number
  readonly data: unknown
  readonly headers: Readonly<Record<string, string | undefined>>
  readonly request: {
    readonly method: string
    readonly path: string
    getHeaders(): Readonly<Record<string, unknown>>
  }
}

/** The axios instance inside the client, which is not part of its types. */
interface Inside {
  readonly client: {
    readonly request: {
      readonly interceptors: {
        readonly response: {
          use(
            onAnswer: (response: AxiosResponse) => AxiosResponse,
            onError: (error: { cause?: { response?: AxiosResponse } }) => Promise<never>,
          ): void
        }
      }
    }
  }
}

/** The official client, whose answers are checked against the contract like those of every other test. */
export function officialClient(
  base: string,
  { appId, appToken }: Keys,
  seen: (request: WireRequest) => void = () => undefined,
): OfficialClient {
  const client = VoucherifyServerSide({
    apiUrl: base,
    applicationId: appId,
    secretKey: appToken,
    exposeErrorCause: true,
  })
  const look = (response: AxiosResponse): AxiosResponse => {
    seen(toWireRequest(response))
    check(response)
    return response
  }
  const inside = client.customers as unknown as Inside
  inside.client.request.interceptors.response.use(look, (error) => {
    if (error.cause?.response) look(error.cause.response)
    // It refers to itself, which jest cannot report.
    delete error.cause
    // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- the client's own error
    return Promise.reject(error)
  })
  return client
}

const toWireRequest = ({ request, status }: AxiosResponse): WireRequest => ({
  method: request.method,
  path: request.path,
  headers: request.getHeaders(),
  status,
})

function check({ request, status, data, headers }: AxiosResponse): void {
  const { method, path } = request
  const text = data === '' || data === undefined ? '' : JSON.stringify(data)
  checkAnswer({ method, path, status, contentType: headers['content-type'] ?? null, text })
}
