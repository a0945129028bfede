import { type Case, type Schema } from './schema.js'

/** Strict: what is not named is not allowed. */
export function toJsonSchema(schema: Schema): object {
  const { nullable, ...rest } = schema
  if (nullable) return { anyOf: [{ type: 'null' }, toJsonSchema(rest)] }
  if (schema.ref !== undefined) return { $ref: schema.ref }
  if (schema.among) return { anyOf: schema.among.map(toJsonSchema) }
  const {
    type,
    format,
    minimum,
    maximum,
    items,
    values,
    free,
    properties,
    required = [],
    cases = [],
  } = schema
  return {
    type,
    ...(format !== undefined && { format }),
    ...(schema.enum && { enum: schema.enum }),
    ...(minimum !== undefined && { minimum }),
    ...(maximum !== undefined && { maximum }),
    ...(items && { items: toJsonSchema(items) }),
    ...(type === 'object' && {
      properties: propertiesToJsonSchema(properties),
      required,
      additionalProperties: free ?? (values ? toJsonSchema(values) : false),
    }),
    ...(cases.length > 0 && { allOf: cases.map(caseToJsonSchema) }),
  }
}

const propertiesToJsonSchema = (properties: Schema['properties'] = {}): object =>
  Object.fromEntries(Object.entries(properties).map(([name, property]) => [name, toJsonSchema(property)]))

const caseToJsonSchema = ({ property, equals, then }: Case): object => ({
  if: { properties: { [property]: { const: equals } }, required: [property] },
  then: { properties: propertiesToJsonSchema(then.properties), required: then.required ?? [] },
})
