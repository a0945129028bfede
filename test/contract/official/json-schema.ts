import { type Case, type Schema } from './schema.js'

/** Strict: what is not named is not allowed. */
export function toJsonSchema(schema: Schema): object {
  const { nullable, ...rest } = schema
  if (nullable) return { anyOf: [{ type: 'null' }, toJsonSchema(rest)] }
  if (schema.ref !== undefined) return { $ref: schema.ref }
  if (schema.among) return { anyOf: schema.among.map(toJsonSchema) }
  const { type, items, cases = [] } = schema
  return {
    type,
    ...limitsOf(schema),
    ...(items && { items: toJsonSchema(items) }),
    ...(type === 'object' && insideOf(schema)),
    ...(cases.length > 0 && { allOf: cases.map(caseToJsonSchema) }),
  }
}

function limitsOf({ format, enum: values, minimum, maximum }: Schema): object {
  const limits = { format, enum: values, minimum, maximum }
  return Object.fromEntries(Object.entries(limits).filter(([, limit]) => limit !== undefined))
}

const insideOf = ({ properties, required = [], free, values }: Schema): object => ({
  properties: propertiesToJsonSchema(properties),
  required,
  additionalProperties: free ?? (values ? toJsonSchema(values) : false),
})

const propertiesToJsonSchema = (properties: Schema['properties'] = {}): object =>
  Object.fromEntries(Object.entries(properties).map(([name, property]) => [name, toJsonSchema(property)]))

const caseToJsonSchema = ({ property, equals, then }: Case): object => ({
  if: { properties: { [property]: { const: equals } }, required: [property] },
  then: { properties: propertiesToJsonSchema(then.properties), required: then.required ?? [] },
})
