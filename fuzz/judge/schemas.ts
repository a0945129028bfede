import { Ajv, type ValidateFunction } from 'ajv'
import formats from 'ajv-formats'
import { type OpenApi, type Schema } from '../document.js'

type JsonSchema = Record<string, unknown>

/** Checks bodies against schemas of the document. */
export class Schemas {
  readonly #ajv = new Ajv({ strict: false, allErrors: true })
  readonly #validators = new Map<string, ValidateFunction>()
  readonly #components: JsonSchema

  constructor({ components }: OpenApi) {
    // Its types say that it is an object around the function.
    ;(formats as unknown as (ajv: Ajv) => void)(this.#ajv)
    const schemas = Object.entries(components.schemas).map(([name, schema]) => [name, toJsonSchema(schema)])
    this.#components = { schemas: Object.fromEntries(schemas) as JsonSchema }
  }

  problemsOf(name: string, schema: Schema, body: string): string[] {
    const validate = this.#validator(name, schema)
    try {
      if (validate(JSON.parse(body))) return []
    } catch {
      return ['the body is no JSON']
    }
    return (validate.errors ?? []).map(
      ({ instancePath, message, params }) =>
        `the body is not as documented: ${instancePath || '/'} ${message ?? ''} ${JSON.stringify(params)}`,
    )
  }

  #validator(name: string, schema: Schema): ValidateFunction {
    const known = this.#validators.get(name)
    if (known) return known
    const made = this.#ajv.compile({ ...toJsonSchema(schema), components: this.#components })
    this.#validators.set(name, made)
    return made
  }
}

/** As JSON Schema: what may be null says so in another way, and a field that is not documented is one too many. */
function toJsonSchema(schema: Schema): JsonSchema {
  const { nullable, properties, items, allOf, oneOf, additionalProperties, ...rest } = schema
  const converted: JsonSchema = {
    ...rest,
    ...(properties && {
      properties: Object.fromEntries(
        Object.entries(properties).map(([name, each]) => [name, toJsonSchema(each)]),
      ),
      additionalProperties: additionalProperties ?? false,
    }),
    ...(items && { items: toJsonSchema(items) }),
    ...(allOf && { allOf: allOf.map(toJsonSchema) }),
    ...(oneOf && { oneOf: oneOf.map(toJsonSchema) }),
    ...(!properties && additionalProperties !== undefined && { additionalProperties }),
  }
  return nullable ? { anyOf: [{ type: 'null' }, converted] } : converted
}
