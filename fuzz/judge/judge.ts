import { type MadeUp } from '../arbitraries/request.js'
import { type OpenApi, type Operation } from '../document.js'
import { type Answer, LONGEST_MS } from '../stage/client.js'
import { Schemas } from './schemas.js'

/** Holds answers against the document, and against what is true of every answer. */
export class Judge {
  readonly #schemas: Schemas

  constructor(document: OpenApi) {
    this.#schemas = new Schemas(document)
  }

  /** What is wrong with an answer, in words. */
  problemsOf(request: MadeUp, answer: Answer): string[] {
    const { operation } = request
    const documented = operation.responses[String(answer.status)]
    return [
      ...(answer.status >= 500 ? [`it is answered ${answer.status}`] : []),
      ...(answer.milliseconds > LONGEST_MS ? [`the answer took ${Math.round(answer.milliseconds)} ms`] : []),
      ...(documented
        ? this.#contentProblems(operation, answer)
        : [`${answer.status} is not in the document`]),
      ...admissionProblems(request, answer),
      ...errorProblems(answer),
    ]
  }

  #contentProblems({ name, responses }: Operation, { status, headers, body }: Answer): string[] {
    const content = responses[String(status)]?.content ?? {}
    const type = headers['content-type']?.split(';', 1)[0]
    const types = Object.keys(content)
    if (types.length === 0)
      return body === '' ? [] : [`${status} has a body, which the document does not know`]
    if (type === undefined || !types.includes(type))
      return [`${status} comes as ${type ?? 'nothing'}, not as ${types.join(' or ')}`]
    const schema = content[type]?.schema
    if (schema === undefined || type !== 'application/json') return []
    return this.#schemas.problemsOf(`${name} ${status}`, schema, body)
  }
}

/** Whoever is not known gets nothing. */
function admissionProblems({ operation, wayIn }: MadeUp, { status }: Answer): string[] {
  if (operation.security === undefined) return []
  const takesClients = operation.security.some((way) => 'basic' in way)
  const isUnknown =
    ['nobody', 'wrong keys', 'wrong token'].includes(wayIn) || (takesClients && wayIn.startsWith('token'))
  if (isUnknown && status < 400) return [`${wayIn} is answered ${status}`]
  if (!takesClients && wayIn === 'basic' && status < 400) return [`HTTP Basic is answered ${status}`]
  return wayIn === 'token without scope' && status < 400
    ? [`a token without the scope is answered ${status}`]
    : []
}

/** Names of the inside of a program that is no business of its clients. */
const INSIDE =
  /node_modules|\.js:\d+|\.ts:\d+|\bat \w+ \(|syntax error at or near|violates|SQLSTATE|ECONNREFUSED/

function errorProblems(answer: Answer): string[] {
  const { status, headers, body } = answer
  const id = headers['x-voucherify-request-id']
  return [
    ...(id === undefined ? ['the answer has no X-Voucherify-Request-Id'] : []),
    ...(status === 401 && headers['www-authenticate'] === undefined
      ? ['401 comes without WWW-Authenticate']
      : []),
    ...(status === 429 && headers['retry-after'] === undefined ? ['429 comes without Retry-After'] : []),
    ...(status >= 400 && body !== '' ? wordingProblems(answer, id) : []),
  ]
}

function wordingProblems({ status, body }: Answer, id: unknown): string[] {
  const error = parsed(body)
  if (error === undefined) return ['the error is no JSON']
  const { code = status, request_id: requestId } = error
  return [
    ...(INSIDE.test(body) ? ['the error tells of the inside'] : []),
    ...(code === status ? [] : [`the error says ${JSON.stringify(code)}`]),
    ...(requestId === id ? [] : ['the error has not the id of the request']),
  ]
}

function parsed(body: string): Record<string, unknown> | undefined {
  try {
    return JSON.parse(body) as Record<string, unknown>
  } catch {
    return undefined
  }
}
