import { Ajv, type ErrorObject, type ValidateFunction } from 'ajv'
import formats from 'ajv-formats'
import { correctedFamily, nameOf } from './corrected.js'
import { ANSWER_ALTERNATIVES, COMMON_ERRORS, ENDPOINT_EXTENSIONS } from './corrections.js'
import { toJsonSchema } from './json-schema.js'
import { type Schema } from './schema.js'

/** A request and its answer, as much of them as has to be known to judge the answer. */
export interface Exchange {
  readonly method: string
  /** With or without a query. */
  readonly path: string
  readonly status: number
  readonly contentType: string | null
  readonly text: string
}

interface Route {
  readonly name: string
  readonly pattern: RegExp
  readonly responses: Readonly<Record<number, Schema | null>>
  /** Answers that are not JSON are nobody's business here. */
  readonly opaque: boolean
}

/**
 * Throws when an answer below /v1 has a status or a body that the corrected official description does not allow
 * for the call. Answers of other paths pass, and so do those to HEAD and OPTIONS, which have no body to judge.
 */
export function checkAnswer(exchange: Exchange): void {
  const path = exchange.path.replace(/\?.*$/s, '').replace(/^\/{2,}/, '/')
  if (!path.startsWith('/v1/') || ['HEAD', 'OPTIONS'].includes(exchange.method)) return
  const problems = problemsOf(exchange, path)
  if (problems.length === 0) return
  const what = `${exchange.method} ${path} answered ${exchange.status} in a way that the contract does not allow:`
  throw new Error([what, ...problems.slice(0, 10), exchange.text.slice(0, 1_000)].join('\n  '))
}

function problemsOf(exchange: Exchange, path: string): string[] {
  const route = findRoute(exchange.method, path)
  const schema = schemaOf(route, exchange.status)
  if (schema === undefined) return [route ? `${route.name} has no such status` : 'there is no such endpoint']
  if (schema === null) return exchange.text === '' || route?.opaque ? [] : ['the body must be empty']
  const { contentType } = exchange
  if (!/^application\/json\b/.test(contentType ?? '')) return [`the content type is ${String(contentType)}`]
  return validate(`${route?.name ?? 'any'} ${exchange.status}`, schema, exchange.text)
}

/** Null when the body has to be empty, undefined when there can be no such answer. */
function schemaOf(route: Route | undefined, status: number): Schema | null | undefined {
  const documented = route?.responses[status]
  return documented === undefined ? COMMON_ERRORS[status] : documented
}

function validate(key: string, schema: Schema, text: string): string[] {
  const body = parse(text)
  if (body === undefined) return ['the body is not JSON']
  const validator = validatorFor(key, schema)
  return validator(body) ? [] : (validator.errors ?? []).map(describeError)
}

function describeError({ instancePath, message, params, keyword }: ErrorObject): string {
  const { additionalProperty, allowedValues } = params as {
    additionalProperty?: string
    allowedValues?: unknown[]
  }
  const place = instancePath === '' ? 'the body' : instancePath
  if (keyword === 'additionalProperties')
    return `${place} has an unlisted property ${String(additionalProperty)}`
  return `${place} ${String(message)}${allowedValues ? `: ${allowedValues.join(', ')}` : ''}`
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

const family = correctedFamily()

const routes: readonly Route[] = [
  ...family.endpoints.map((endpoint) => {
    const name = nameOf(endpoint)
    const alternative = ANSWER_ALTERNATIVES[name]
    return {
      name,
      responses: { ...endpoint.responses, ...(alternative && { 200: alternative }) },
      opaque: false,
    }
  }),
  ...ENDPOINT_EXTENSIONS.map(({ endpoint: name, responses }) => ({ name, responses, opaque: true })),
]
  .map((route) => ({ ...route, pattern: patternOf(route.name) }))
  // `/v1/customers/importCSV` is not the customer of that name.
  .sort((one, other) => parametersIn(one.name) - parametersIn(other.name))

function parametersIn(name: string): number {
  return name.split('{').length
}

function patternOf(name: string): RegExp {
  return new RegExp(`^${name.replace(/\{\w+\}/g, '[^/]+')}/?$`)
}

const findRoute = (method: string, path: string): Route | undefined =>
  routes.find(({ pattern }) => pattern.test(`${method} ${path.replace(/\/{2,}/g, '/')}`))

let ajv: Ajv | undefined
const validators = new Map<string, ValidateFunction>()

/** Compiled once, when first needed: most tests use few of them. */
function validatorFor(key: string, schema: Schema): ValidateFunction {
  ajv ??= newAjv()
  const validator = validators.get(key) ?? ajv.compile(toJsonSchema(schema))
  validators.set(key, validator)
  return validator
}

function newAjv(): Ajv {
  const made = new Ajv({ allErrors: true, strict: true, strictRequired: false, strictTypes: false })
  ;(formats as unknown as (ajv: Ajv) => void)(made)
  for (const [name, schema] of Object.entries(family.definitions)) made.addSchema(toJsonSchema(schema), name)
  return made
}
